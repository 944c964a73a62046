"""Each program of the quick start is taken out of the rendered page and run as the page says."""

import json
import os
import signal
import subprocess
import threading
import time
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from browser import Browser

CODE = ["curl", "oauth4webapi", "passport", "authlib", "spring", "go", "rust"]
MACHINE = ["curl", "curl-key", "oauth4webapi", "authlib", "spring", "go", "rust"]
# The first build of a program fetches and compiles its libraries.
PATIENCE = 420


def test_every_program_of_the_pages_is_run_here(snippets):
    assert set(snippets["web"]) == {*CODE, "destination-sdk"}
    assert set(snippets["m2m"]) == {*MACHINE, "destination-sdk"}
    assert set(snippets["spa"]) == {"browser", "curl"}


@pytest.mark.parametrize("key", MACHINE)
def test_a_machine_gets_its_token(key, dev, apps, snippets, tools, environment, tmp_path):
    snippet = prepared(snippets["m2m"][key], tools, tmp_path)
    done = subprocess.run(snippet.run, shell=True, cwd=tmp_path, env=environment(apps["m2m"]), capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 0, done.stdout + done.stderr
    scope = " ".join(dev["api"]["scopes"][:2])
    if key.startswith("curl"):
        assert json.loads(done.stdout)["scope"] == scope
    else:
        assert sorted(told(done.stdout)) == sorted(scope.split())


@pytest.mark.parametrize("key", CODE)
def test_a_person_connects(key, dev, apps, snippets, tools, environment, tmp_path):
    snippet = prepared(snippets["web"][key], tools, tmp_path)
    with Program(snippet, environment(apps["web"]), tmp_path) as program:
        if key == "curl":
            by_hand(program, dev)
            return
        start = program.line("Open ").removeprefix("Open ")
        callback = through(dev, program.first_redirect(start))
        assert requests.get(callback, cookies=program.cookies, timeout=60).status_code == 200, program.text()
        program.line("connected: ")
        if key not in ("passport", "spring"):
            program.line("refreshed")
            assert program.ended() == 0, program.text()
        assert sorted(told(program.text())) == sorted(dev["api"]["scopes"][:2])


def test_a_person_connects_a_page_in_the_browser(dev, apps, snippets, tools, environment, port, tmp_path):
    snippet = prepared(snippets["spa"]["browser"], tools, tmp_path)
    with Program(snippet, environment(apps["spa"]), tmp_path) as program:
        start = program.line("Open ").removeprefix("Open ")
        page = requests.get(start, timeout=30).text
        assert page == snippet.files["index.html"]
    left = in_a_page(tmp_path, page, "", {})
    callback = through(dev, left["went"])
    assert callback.startswith(f"http://127.0.0.1:{port}/callback?")
    came = in_a_page(tmp_path, page, f"?{urlsplit(callback).query}", left["storage"])
    assert came["status"] == f"connected: {' '.join(dev['api']['scopes'][:2])}", came
    # What a browser asks before it lets the page read the answer.
    allowed = requests.post(f"{dev['base_url']}/token", headers={"Origin": f"http://127.0.0.1:{port}"}, timeout=30)
    assert allowed.headers.get("Access-Control-Allow-Origin") in ("*", f"http://127.0.0.1:{port}")


def test_a_person_connects_a_page_by_hand(dev, apps, snippets, tools, environment, tmp_path):
    snippet = prepared(snippets["spa"]["curl"], tools, tmp_path)
    with Program(snippet, environment(apps["spa"]), tmp_path) as program:
        by_hand(program, dev)


# -- how they are run ---------------------------------------------------------------------------------------------------------


def prepared(snippet, tools, folder):
    snippet.write(folder)
    tools[snippet.run.split()[0]](folder)
    return snippet


def told(text):
    """The scopes of the line that says it is connected."""
    return next(line for line in text.splitlines() if line.startswith("connected: ")).removeprefix("connected: ").split()


def through(dev, url):
    """Signs in as a member and allows it; the address that the person is sent back to."""
    return Browser(dev["base_url"]).approve(url, dev["users"]["member"])


def by_hand(program, dev):
    start = program.line("Open ").removeprefix("Open ")
    program.process.stdin.write(through(dev, start) + "\n")
    program.process.stdin.flush()
    assert program.ended() == 0, program.text()
    answer = program.text()
    answer = json.loads(answer[answer.index("{") :])
    assert answer["scope"].split() == dev["api"]["scopes"][:2] and answer["refresh_token"]


# Enough of a browser for one page: its program runs once, and says where it went or what it shows.
PAGE = """
const [search, kept] = process.argv.slice(2);
const storage = JSON.parse(kept);
const shown = { textContent: '' };
globalThis.document = { getElementById: () => shown };
globalThis.sessionStorage = { getItem: (name) => storage[name] ?? null, setItem: (name, value) => { storage[name] = value; } };
globalThis.location = { search, assign: (url) => console.log(JSON.stringify({ went: url, storage })) };
process.on('exit', () => { if (shown.textContent) console.log(JSON.stringify({ status: shown.textContent })); });
await import('./script.mjs');
"""


def in_a_page(folder, page, search, storage):
    script = page.split('<script type="module">')[1].split("</script>")[0]
    (folder / "script.mjs").write_text(script, encoding="utf-8")
    (folder / "page.mjs").write_text(PAGE, encoding="utf-8")
    done = subprocess.run(["node", "page.mjs", search, json.dumps(storage)], cwd=folder, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0 and done.stdout, done.stdout + done.stderr
    return json.loads(done.stdout)


class Program:
    """A program that listens where people come back to."""

    def __init__(self, snippet, environment, folder):
        self.command, self.environment, self.folder, self.lines, self.cookies = snippet.run, environment, folder, [], {}

    def __enter__(self):
        self.process = subprocess.Popen(
            ["bash", "-c", f"exec {self.command}"],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()
        return self

    def ended(self):
        """Its exit code, once everything that it said is read."""
        code = self.process.wait(60)
        self.reader.join(30)
        return code

    def read(self):
        for line in self.process.stdout:
            # A question stands before what comes next, on the same line.
            self.lines.append(line.rstrip("\n").removeprefix("Paste the address you were sent to: "))

    def __exit__(self, *_):
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
            self.process.wait(30)

    def text(self):
        return "\n".join(self.lines)

    def line(self, begins):
        """The first line that begins so, as soon as it is there."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            for line in list(self.lines):
                if line.startswith(begins):
                    return line
            if not self.reader.is_alive() and not any(line.startswith(begins) for line in self.lines):
                raise AssertionError(f"it ended with {self.process.returncode}: {self.text()}")
            time.sleep(0.05)
        raise AssertionError(f"nothing began with {begins}: {self.text()}")

    def first_redirect(self, start):
        """Opens the program's own page; it sends the person to the server, and may set a cookie."""
        url = start
        for _ in range(5):
            answer = requests.get(url, allow_redirects=False, cookies=self.cookies, timeout=60)
            self.cookies |= answer.cookies.get_dict()
            assert answer.status_code in (302, 303), f"{answer.status_code} {answer.text}"
            target = answer.headers["Location"]
            if urlsplit(target).port != urlsplit(start).port:
                assert "code_challenge" in parse_qs(urlsplit(target).query), target
                return target
            url = target
        raise AssertionError(f"never left {start}")
