"""The quick start of an app as its developer sees it: signs in, opens the page, and takes the programs out of it."""

from urllib.parse import urljoin

import requests
from bs4 import BeautifulSoup


class Snippet:
    def __init__(self, details):
        self.key = details["id"]
        self.flow = details["data-flow"]
        self.install = details.get("data-install", "")
        self.run = details.get("data-run", "")
        self.files = {pre["data-file"]: pre.text for pre in details.select("pre[data-snippet]")}

    def write(self, folder):
        for name, text in self.files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")


class Console:
    """Somebody signed in to the pages."""

    def __init__(self, base, person):
        self.base = base
        self.session = requests.Session()
        form = BeautifulSoup(self.session.get(f"{base}/login", timeout=30).text, "html.parser").find("form")
        data = {field["name"]: field.get("value", "") for field in form.find_all("input", type="hidden")}
        data |= {"email": person["email"], "password": person["password"]}
        answer = self.session.post(urljoin(base, form.get("action") or "/login"), data=data, headers={"Origin": base}, timeout=30)
        assert answer.status_code == 200 and 'name="password"' not in answer.text, f"not signed in: {answer.url}"

    def snippets(self, org, client_id):
        """Every program of the app's quick start by its key."""
        answer = self.session.get(f"{self.base}/orgs/{org}/apps/{client_id}/quickstart", timeout=30)
        assert answer.status_code == 200, answer.text
        all_of_them = BeautifulSoup(answer.text, "html.parser").select("details.snippet")
        return {snippet.key: snippet for snippet in map(Snippet, all_of_them)}
