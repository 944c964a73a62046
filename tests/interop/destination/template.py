"""Templates in the manner of Pebble, as far as destination configurations use them.

Unlike Pebble's default a name that does not exist is an error: a template that asks for something the server does not send must
fail here, not send an empty string.
"""

import base64
import json
import re
from urllib.parse import quote_plus, urlencode

TOKEN = re.compile(
    r"""\s*(?:(?P<string>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")|(?P<number>\d+(?:\.\d+)?)|(?P<name>[A-Za-z_][A-Za-z0-9_]*)"""
    r"""|(?P<mark>==|!=|[.()\[\],|?:~]))"""
)


class TemplateError(Exception):
    """The template cannot be read, or asks for what does not exist."""


class Missing:
    """A member that does not exist; only `is empty`, `is null` and `default` may touch it."""

    def __init__(self, path):
        self.path = path


def render(template, context):
    """The text of `template` with every `{{ … }}` replaced."""
    parts = re.split(r"\{\{(.*?)\}\}", template, flags=re.S)
    return "".join(text(evaluate(part, context)) if index % 2 else part for index, part in enumerate(parts))


def text(value):
    if isinstance(value, Missing):
        raise TemplateError(f"{value.path} does not exist")
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value) if isinstance(value, (dict, list)) else str(value)


def evaluate(expression, context):
    parser = Parser(expression, context)
    value = parser.choice()
    if parser.peek() is not None:
        raise TemplateError(f"`{expression.strip()}` goes on after its end")
    return value


class Parser:
    def __init__(self, expression, context):
        self.context = context
        self.tokens = []
        at = 0
        while expression[at:].strip():
            found = TOKEN.match(expression, at)
            if not found:
                raise TemplateError(f"`{expression.strip()}` cannot be read")
            self.tokens.append((found.lastgroup, found.group(found.lastgroup)))
            at = found.end()

    def peek(self):
        return self.tokens[0] if self.tokens else None

    def take(self, *marks):
        if self.tokens and self.tokens[0] in [("mark", mark) for mark in marks]:
            return self.tokens.pop(0)[1]
        return None

    def word(self, *words):
        if self.tokens and self.tokens[0][0] == "name" and (not words or self.tokens[0][1] in words):
            return self.tokens.pop(0)[1]
        return None

    def need(self, mark):
        if not self.take(mark):
            raise TemplateError(f"`{mark}` is missing")

    def choice(self):
        value = self.comparison()
        if self.take("?"):
            yes = self.choice()
            self.need(":")
            no = self.choice()
            return yes if value is True else no
        return value

    def comparison(self):
        value = self.joined()
        sign = self.take("==", "!=")
        if sign:
            other = self.joined()
            return (text(value) == text(other)) == (sign == "==")
        if self.word("is"):
            negated = bool(self.word("not"))
            test = self.word("empty", "null")
            if test is None:
                raise TemplateError("only `is empty` and `is null` are known")
            nothing = value is None or isinstance(value, Missing)
            return (nothing or (test == "empty" and value in ("", [], {}))) != negated
        return value

    def joined(self):
        value = self.filtered()
        while self.take("~"):
            value = text(value) + text(self.filtered())
        return value

    def filtered(self):
        value = self.atom()
        while self.take("|"):
            name = self.word()
            arguments = self.arguments() if self.peek() == ("mark", "(") else []
            value = self.filter(name, value, arguments)
        return value

    def filter(self, name, value, arguments):
        if name == "default":
            return arguments[0] if value in (None, "") or isinstance(value, Missing) else value
        filters = {
            "urlencode": quote_plus,
            "base64encode": lambda given: base64.b64encode(given.encode()).decode(),
            "upper": str.upper,
            "lower": str.lower,
            "trim": str.strip,
        }
        if name not in filters:
            raise TemplateError(f"the filter {name} is unknown")
        return filters[name](text(value))

    def arguments(self):
        self.need("(")
        found = []
        while not self.take(")"):
            found.append(self.choice())
            if not self.take(","):
                self.need(")")
                break
        return found

    def atom(self):
        if self.take("("):
            value = self.choice()
            self.need(")")
            return value
        if self.tokens and self.tokens[0][0] == "string":
            return re.sub(r"\\(.)", r"\1", self.tokens.pop(0)[1][1:-1])
        if self.tokens and self.tokens[0][0] == "number":
            return json.loads(self.tokens.pop(0)[1])
        name = self.word()
        if name is None:
            raise TemplateError("a value is missing")
        if name in ("true", "false", "null"):
            return json.loads(name)
        if name == "formUrlEncode":
            given = [text(argument) for argument in self.arguments()]
            return urlencode(list(zip(given[::2], given[1::2], strict=True)))
        return self.path(name)

    def path(self, name):
        value, path = self.context.get(name, Missing(name)), name
        while True:
            if self.take("."):
                key = self.word()
            elif self.take("["):
                key = self.choice()
                self.need("]")
            else:
                return value
            path += f".{key}"
            if isinstance(value, Missing):
                raise TemplateError(f"{value.path} does not exist")
            value = value.get(key, Missing(path)) if isinstance(value, dict) else Missing(path)
