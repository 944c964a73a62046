"""A person's browser without scripts: follows redirects, keeps cookies, fills in forms."""

from urllib.parse import urljoin, urlsplit

import requests
from bs4 import BeautifulSoup


class Browser:
    def __init__(self, origin):
        self.origin = origin
        self.session = requests.Session()

    def _follow(self, answer):
        """Goes where the answer leads; a redirect that leaves the server is the end."""
        for _ in range(10):
            location = answer.headers.get("Location")
            if location is None:
                return None, answer
            url = urljoin(answer.url, location)
            if "{0.scheme}://{0.netloc}".format(urlsplit(url)) != self.origin:
                return url, answer
            answer = self.session.get(url, allow_redirects=False)
        raise AssertionError("too many redirects")

    def _submit(self, answer, named, values):
        page = BeautifulSoup(answer.text, "html.parser")
        form = next(form for form in page.find_all("form") if form.find(attrs={"name": named}))
        data = {field["name"]: field.get("value", "") for field in form.find_all("input", type="hidden")}
        data.update(values)
        target = urljoin(answer.url, form.get("action") or answer.url)
        return self._follow(self.session.post(target, data=data, headers={"Origin": self.origin}, allow_redirects=False))

    def approve(self, url, person):
        """Opens an authorization URL, signs in and approves where asked; returns the URL that the browser was sent to."""
        left, answer = self._follow(self.session.get(url, allow_redirects=False))
        if left is None and 'name="password"' in answer.text:
            left, answer = self._submit(answer, "password", {"email": person["email"], "password": person["password"]})
        if left is None and 'name="decision"' in answer.text:
            left, answer = self._submit(answer, "decision", {"decision": "allow"})
        assert left, f"stayed at {answer.url} ({answer.status_code}): {answer.text[:400]}"
        return left
