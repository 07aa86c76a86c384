"""Reads the headers of the boundary into structs, members and functions. It knows only the C those headers may use
(base.h states it) and refuses the rest with file and line, so what it returns is the whole boundary."""

import re
from dataclasses import dataclass, field

TOKEN = re.compile(r"/\*.*?\*/|//[^\n]*|\.\.\.|\w+|[^\s\w]", re.DOTALL)
ANNOTATION = re.compile(
    r"\[(?P<thread>lifecycle|any-thread|io|worker)\] (?P<waits>waits|no-wait); (?P<ways>one-way|two-way); owns: (?P<owns>\S.*)",
    re.DOTALL)
DEFINE = re.compile(r"^#define (REVENGE_\w+) (0x[0-9a-fA-F]+|\d+)$", re.MULTILINE)
TABLE = re.compile(r'^#define REVENGE_\w+_ID "([^"]+)"', re.MULTILINE)


class Unreadable(Exception):
    def __init__(self, line, text):
        super().__init__(text)
        self.line, self.text = line, text


@dataclass(frozen=True)
class Token:
    text: str
    line: int


@dataclass(frozen=True)
class Type:
    base: str  # "uint32_t", "revenge_view", "void"
    pointers: int
    constant: bool  # what is pointed to

    def __str__(self):
        return ("const " if self.constant else "") + self.base + "*" * self.pointers


@dataclass(frozen=True)
class Parameter:
    type: Type
    name: str


@dataclass(frozen=True)
class Annotation:
    thread: str
    waits: bool
    one_way: bool
    owns: str


@dataclass(frozen=True)
class Member:
    name: str
    line: int
    type: Type  # of a function: what it returns
    count: str = ""  # of an array inside the struct
    parameters: tuple = None  # of a function; None for data
    annotation: Annotation = None

    @property
    def is_function(self):
        return self.parameters is not None


@dataclass
class Struct:
    name: str
    line: int
    members: list = field(default_factory=list)


@dataclass
class Header:
    structs: list = field(default_factory=list)
    opaque: list = field(default_factory=list)  # typedef struct x x;
    scalars: dict = field(default_factory=dict)  # typedef uint64_t x;
    entries: list = field(default_factory=list)  # typedef R (*name)(...);
    constants: dict = field(default_factory=dict)  # of enums: name and value
    defines: dict = field(default_factory=dict)  # of whole numbers
    table: str = ""  # "revenge.http/1"; empty: it has none of its own


def tokens_of(text):
    """Tokens without preprocessor lines; comments stay, they carry the annotations."""
    text = re.sub(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", lambda hit: "\n" * hit[0].count("\n"), text, flags=re.MULTILINE)
    return [Token(hit[0], text.count("\n", 0, hit.start()) + 1) for hit in TOKEN.finditer(text)]


def is_comment(token):
    return token.text.startswith(("/*", "//"))


def annotation_in(comment):
    words = re.sub(r"\s*\n\s*\*?\s*", " ", comment.text.removeprefix("/*").removesuffix("*/")).strip()
    hit = ANNOTATION.search(words)
    return Annotation(hit["thread"], hit["waits"] == "waits", hit["ways"] == "one-way", hit["owns"].strip()) if hit else None


class Reader:
    def __init__(self, text):
        self.tokens = tokens_of(text)
        self.at = 0
        self.comment = None  # the last one passed, until a declaration takes it

    def peek(self):
        while self.at < len(self.tokens) and is_comment(self.tokens[self.at]):
            self.comment = self.tokens[self.at]
            self.at += 1
        return self.tokens[self.at].text if self.at < len(self.tokens) else ""

    def line(self):
        return self.tokens[min(self.at, len(self.tokens) - 1)].line if self.tokens else 0

    def take(self, expected=None):
        text = self.peek()
        if not text or (expected is not None and text != expected):
            raise Unreadable(self.line(), f"expected '{expected or 'more'}', got '{text or 'the end'}'")
        self.at += 1
        return text

    def accept(self, text):
        if self.peek() == text:
            self.at += 1
            return True
        return False

    def name(self):
        text = self.take()
        if not re.fullmatch(r"[A-Za-z_]\w*", text):
            raise Unreadable(self.tokens[self.at - 1].line, f"expected a name, got '{text}'")
        return text

    def trailing_comment(self, line):
        """A comment that ends the line of a declaration belongs to that declaration."""
        here, after = (self.tokens[at] if at < len(self.tokens) else None for at in (self.at, self.at + 1))
        if here and is_comment(here) and here.line == line and not (after and after.line == line):
            self.at += 1
            return here
        return None

    def type(self):
        constant = self.accept("const")
        self.accept("struct")
        if self.peek() in ("union", "enum", "unsigned", "signed", "volatile"):
            raise Unreadable(self.line(), f"'{self.peek()}' is not in the vocabulary: fixed-width integers and sized structs only")
        base = self.name()
        pointers = 0
        while self.accept("*"):
            pointers += 1
        if self.peek() == "const":
            raise Unreadable(self.line(), "a const pointer says nothing across the boundary: leave 'const' after '*' out")
        return Type(base, pointers, constant)

    def parameters(self):
        self.take("(")
        if self.accept("void"):
            if self.accept(")"):
                return ()
            self.at -= 1
        found = []
        while True:
            if self.peek() == "...":
                raise Unreadable(self.line(), "no varargs")
            kind = self.type()
            if self.peek() == "(":
                raise Unreadable(self.line(), "a function pointer travels in a sized struct with its context, not as a parameter")
            found.append(Parameter(kind, self.name()))
            if self.peek() == "[":
                raise Unreadable(self.line(), f"'{found[-1].name}': pass a pointer and a count, not an array")
            if self.accept(")"):
                return tuple(found)
            self.take(",")

    def function(self, result, before):
        self.take("(")
        self.take("*")
        line = self.line()
        name = self.name()
        self.take(")")
        parameters = self.parameters()
        self.take(";")
        behind = self.trailing_comment(self.tokens[self.at - 1].line)
        annotation = next((a for a in map(annotation_in, filter(None, (behind, before))) if a), None)
        return Member(name, line, result, parameters=parameters, annotation=annotation)

    def member(self):
        self.peek()
        before, self.comment = self.comment, None
        kind = self.type()
        if self.peek() == "(":
            return self.function(kind, before)
        line = self.line()
        name, count = self.name(), ""
        if self.accept("["):
            count = self.take()
            self.take("]")
        if self.peek() == ":":
            raise Unreadable(self.line(), f"'{name}': no bit fields, their layout is the compiler's")
        self.take(";")
        self.trailing_comment(self.tokens[self.at - 1].line)
        self.comment = None
        return Member(name, line, kind, count)

    def struct(self, name, line):
        struct = Struct(name, line)
        self.take("{")
        self.comment = None
        while not self.accept("}"):
            struct.members.append(self.member())
        return struct

    def typedef(self, header):
        line = self.line()
        if self.accept("struct"):
            tag = self.name()
            if self.peek() == "{":
                header.structs.append(self.struct(tag, line))
            else:
                header.opaque.append(tag)
            if self.name() != tag:
                raise Unreadable(line, f"typedef struct {tag}: tag and name are the same")
        else:
            kind = self.type()
            if self.peek() == "(":
                self.take("(")
                self.take("*")
                header.entries.append(self.name())
                self.take(")")
                self.parameters()
            else:
                header.scalars[self.name()] = kind
        self.take(";")

    def enum(self, header):
        self.take("{")
        follows = 0
        while not self.accept("}"):
            name, expression = self.name(), []
            while self.peek() not in (",", "}"):
                expression.append(self.take())
            follows = self.value(expression[1:], header) if expression else follows
            header.constants[name] = follows
            follows += 1
            self.accept(",")
        self.take(";")

    def value(self, tokens, header):
        """Of a constant expression of whole numbers, names of constants before it, and operators."""
        known = [str(header.constants.get(token, token)).removesuffix("u") for token in tokens]
        if not all(re.fullmatch(r"0[xX][0-9a-fA-F]+|\d+|[-+*|<>()~]", token) for token in known):
            raise Unreadable(self.line(), f"'{' '.join(tokens)}': a constant is made of whole numbers")
        return eval("".join(known), {"__builtins__": {}})

    def header(self):
        header = Header()
        while self.peek():
            if self.accept("typedef"):
                self.typedef(header)
            elif self.accept("enum"):
                self.enum(header)
            elif self.accept("extern"):
                self.take('"')
                self.take("C")
                self.take('"')
                self.take("{")
            elif not self.accept("}"):
                raise Unreadable(self.line(), f"'{self.peek()}': only typedefs, unnamed enums and structs stand in a header of the boundary")
        return header


def read(text):
    header = Reader(text).header()
    header.defines = {name: int(value, 0) for name, value in DEFINE.findall(text)}
    table = TABLE.search(text)
    header.table = table[1] if table else ""
    return header
