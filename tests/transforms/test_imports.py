"""Imports read from texts, and where they lead."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.imports.find import IMPORT_LANGUAGES, MAX_IMPORTS, find_imports
from transforms.imports.manifests import is_manifest, read_manifests
from transforms.imports.resolve import Resolver
from transforms.language_names import EXTENSIONS
from transforms.languages import language_of


@pytest.mark.parametrize(
    ("language", "text", "targets"),
    [
        ("python", "import os, a.b as c\nfrom . import x\nfrom ..y import (z,  # why\n  w as v)\n",
         ["os", "a.b", ".:x", "..y:z", "..y:w"]),
        ("python", "from a import b, \\\n    c\ndef f():\n    import d\n", ["a:b", "a:c", "d"]),
        ("python", '"""Use it:\n\nimport shop\nfrom shop import cart\n"""\nimport os\n', ["os"]),
        ("python", "from a import *\nimportant = 1\nfrom_a = 2\n", ["a:*"]),
        ("javascript", "import a, {b} from './a';\nimport './b.css'\nconst c = require(\"c\")\n"
         "const d = await import('./d')\nexport * from '../e'\n",
         ["./a", "./b.css", "c", "./d", "../e"]),
        ("typescript", "// import x from './x'\n/* \n * from './y'\n */\n"
         "import type {\n  Z,\n} from './z'\n", ["./z"]),
        ("go", 'package a\n\nimport "fmt"\nimport (\n\tx "m/x" // why (x)\n\t// "m/no"\n'
         '\t_ "m/y"\n)\n'
         'const s = `import "m/z"`\n', ["fmt", "m/x", "m/y"]),
        ("java", "package a.b;\nimport static c.D.e;\nimport c.*;\n",
         ["package a.b", "c.D.e", "c.*"]),
        ("scala", "package a\nimport b.{C, D => E}\nimport f._\n",
         ["package a", "b.C", "b.D", "f._"]),
        ("kotlin", "package a\nimport b.`in`.C as D\n", ["package a", "b.in.C"]),
        ("c", '#include "a.h"\n # include <sys/b.h>\n', ['"a.h"', "<sys/b.h>"]),
        ("csharp", "using A.B;\nglobal using static C.D;\nusing E = F.G;\nnamespace H.I;\n",
         ["A.B", "C.D", "F.G", "package H.I"]),
        ("rust", "pub(crate) mod a;\nuse crate::{b::{C, self}, d as e};\npub use super::f::*;\n",
         ["mod a", "crate::b::C", "crate::b", "crate::d", "super::f::*"]),
        ("ruby", "require 'a/b'\nrequire_relative \"c\"\n", ["a/b", "./c"]),
        ("php", "<?php\nnamespace A\\B;\nuse C\\D as E;\nuse F\\{G, H};\n"
         "require __DIR__ . '/i.php';\n",
         ["package A\\B", "C\\D", "F\\G", "F\\H", "'/i.php'"]),
        ("elixir", "defmodule A.B do\n  alias C.{D, E}\n  use F\n",
         ["package A.B", "C.D", "C.E", "F"]),
        ("haskell", "module A.B where\nimport qualified C.D as E\n", ["package A.B", "C.D"]),
        ("perl", "package A::B;\nuse strict;\nuse C::D;\n", ["package A::B", "C::D"]),
        ("bash", "source lib/a.sh\n. \"$DIR/b.sh\"\n", ["lib/a.sh", "$DIR/b.sh"]),
        ("css", '@import url("a.css");\n@use "b" as c;\n', ["a.css", "b"]),
        ("protobuf", 'import public "a/b.proto";\n', ["a/b.proto"]),
        ("starlark", 'load(\n    "//a:b.bzl", "c")\n', ["//a:b.bzl"]),
        ("lua", 'local a = require("b.c")\n', ["b.c"]),
        ("dart", "import 'package:a/b.dart';\npart 'c.dart';\n", ["package:a/b.dart", "c.dart"]),
        ("markdown", "import a\n", []),
        ("sql", "import a\n", []),
    ],
)  # fmt: skip
def test_imports_as_written(language: str, text: str, targets: list[str]) -> None:
    assert list(find_imports(language, text)) == targets


def test_imports_are_read_for_30_languages_that_the_tables_know() -> None:
    known = {*EXTENSIONS.values(), language_of("x.h"), language_of("x.ts"), "rust", "perl", "r"}
    assert known >= IMPORT_LANGUAGES
    assert len(IMPORT_LANGUAGES) >= 30


def test_each_import_is_given_once_and_their_number_is_bounded() -> None:
    assert find_imports("python", "import a\n" * 9) == ("a",)
    many = "".join(f"import m{n}\n" for n in range(MAX_IMPORTS + 10))
    assert len(find_imports("python", many)) == MAX_IMPORTS


# Path -> text; "->" and the path that the file's last import leads to ("" for none).
CASES = {
    "python, src layout": ({"src/shop/__init__.py": "", "src/shop/cart.py": "",
                            "tests/test_a.py": "from shop.cart import Cart"}, "src/shop/cart.py"),
    "python, name of a package": ({"shop/__init__.py": "", "a.py": "from shop import Cart"},
                                  "shop/__init__.py"),
    "python, module of a package": ({"shop/__init__.py": "", "shop/cart.py": "",
                                     "a.py": "from shop import cart"}, "shop/cart.py"),
    "python, relative": ({"a/b/c.py": "from ..d import e", "a/d.py": ""}, "a/d.py"),
    "python, from the package": ({"a/__init__.py": "", "a/c.py": "from . import x"},
                                 "a/__init__.py"),
    "python, beside a script": ({"tools/a.py": "import b", "tools/b.py": ""}, "tools/b.py"),
    "python, not beside in a package": ({"p/__init__.py": "", "p/a.py": "import json",
                                         "p/json.py": ""}, ""),
    "python, standard library": ({"a.py": "import json", "tests/json.py": ""}, ""),
    "python, nearest of two": ({"one/m/__init__.py": "", "two/m/__init__.py": "",
                                "two/a.py": "import m"}, "two/m/__init__.py"),
    "javascript, folder": ({"a.js": "import './b'", "b/index.js": ""}, "b/index.js"),
    "typescript for .js": ({"a.ts": "import './b.js'", "b.ts": ""}, "b.ts"),
    "typescript paths": ({"tsconfig.json": '{"compilerOptions": {// why\n"paths": {"@/*": '
                          '["./src/*"],}}}', "a/x.ts": "import '@/b'", "src/b.ts": ""}, "src/b.ts"),
    "npm workspace": ({"p/package.json": '{"name": "@x/p", "main": "dist/index.js"}',
                       "p/src/index.ts": "", "q/a.ts": "import '@x/p'"}, "p/src/index.ts"),
    "npm subpath": ({"p/package.json": '{"name": "p"}', "p/sub.js": "", "a.js": "import 'p/sub'"},
                    "p/sub.js"),
    "npm, not here": ({"a.js": "import 'react'", "react.js": ""}, ""),
    "java": ({"m/A.java": "package m;\nimport n.B;", "n/B.java": "package n;"}, "n/B.java"),
    "java, static": ({"A.java": "import static n.B.c;", "x/n/B.java": "package n;"}, "x/n/B.java"),
    "java, standard library": ({"A.java": "import java.util.List;", "List.java": "package a;"}, ""),
    "kotlin, function": ({"A.kt": "import n.total", "n.kt": "package n"}, "n.kt"),
    "csharp": ({"A.cs": "using N.M;", "x/B.cs": "namespace N.M {"}, "x/B.cs"),
    "c, beside": ({"a/m.c": '#include "x.h"', "a/x.h": "", "b/x.h": ""}, "a/x.h"),
    "c, include folder": ({"src/m.c": "#include <p/x.h>", "include/p/x.h": ""}, "include/p/x.h"),
    "c, system": ({"m.c": "#include <string.h>", "string.h": ""}, ""),
    "rust, mod": ({"src/lib.rs": "mod a;", "src/a/mod.rs": ""}, "src/a/mod.rs"),
    "rust, crate": ({"Cargo.toml": '[package]\nname = "p"', "src/b/c.rs": "use crate::d::E;",
                     "src/d.rs": ""}, "src/d.rs"),
    "rust, super": ({"src/b/c.rs": "use super::d::E;", "src/b/d.rs": ""}, "src/b/d.rs"),
    "rust, other crate": ({"p/Cargo.toml": '[package]\nname = "my-p"', "p/src/lib.rs": "",
                           "q/src/a.rs": "use my_p::X;"}, "p/src/lib.rs"),
    "rust, standard library": ({"src/a.rs": "use std::fs;", "src/std.md": ""}, ""),
    "ruby": ({"lib/a/b.rb": "", "spec/c.rb": "require 'a/b'"}, "lib/a/b.rb"),
    "ruby, relative": ({"a/b.rb": "require_relative '../c'", "c.rb": ""}, "c.rb"),
    "php": ({"A.php": "use N\\B;", "src/B.php": "namespace N;"}, "src/B.php"),
    "elixir": ({"a.ex": "alias N.B", "lib/b.ex": "defmodule N.B do"}, "lib/b.ex"),
    "haskell": ({"A.hs": "import N.B", "src/N/B.hs": "module N.B where"}, "src/N/B.hs"),
    "sass partial": ({"a.scss": "@use 'b/c';", "b/_c.scss": ""}, "b/_c.scss"),
    "protobuf": ({"p/a.proto": 'import "q/b.proto";', "proto/q/b.proto": ""}, "proto/q/b.proto"),
    "dart": ({"p/pubspec.yaml": "name: p", "p/lib/b.dart": "",
              "a.dart": "import 'package:p/b.dart';"}, "p/lib/b.dart"),
    "starlark": ({"x/BUILD": 'load("//a:b.bzl", "c")', "a/b.bzl": ""}, "a/b.bzl"),
    "lua": ({"a.lua": 'require "b.c"', "b/c.lua": ""}, "b/c.lua"),
    "bash": ({"bin/a.sh": '. "$(dirname $0)/b.sh"', "bin/b.sh": ""}, "bin/b.sh"),
    "out of the repository": ({"a.js": "import '../../../etc/passwd'", "etc/passwd": ""}, ""),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_imports_lead_to_files(case: str) -> None:
    texts, expected = CASES[case]
    files = {p: (language_of(p, t), find_imports(language_of(p, t), t)) for p, t in texts.items()}
    manifests = read_manifests({p: t for p, t in texts.items() if is_manifest(p)})
    (origin, target), *_ = [
        (p, targets[-1])
        for p, (_, targets) in files.items()
        if targets and not targets[-1].startswith("package ")
    ]
    resolved = Resolver(files, manifests).resolve(origin, files[origin][0], target)
    assert resolved == ((expected,) if expected else ())


def test_a_go_import_leads_to_every_file_of_the_package_but_its_tests() -> None:
    texts = {"go.mod": "module example.com/m\n", "main.go": 'import "example.com/m/p"\n',
             "p/a.go": "", "p/b.go": "", "p/a_test.go": "", "vendor/v.io/q/c.go": "",
             "p/q/d.go": ""}  # fmt: skip
    files = {path: ("go", find_imports("go", text)) for path, text in texts.items()}
    resolver = Resolver(files, read_manifests({"go.mod": texts["go.mod"]}))
    assert resolver.resolve("main.go", "go", "example.com/m/p") == ("p/a.go", "p/b.go")
    assert resolver.resolve("p/a.go", "go", "v.io/q") == ("vendor/v.io/q/c.go",)
    assert resolver.resolve("main.go", "go", "fmt") == ()


@given(st.dictionaries(st.sampled_from(["package.json", "tsconfig.json", "Cargo.toml", "go.mod"]),
                       st.text(max_size=60)))  # fmt: skip
def test_any_manifest_can_be_read(texts: dict[str, str]) -> None:
    read_manifests(texts | {"a/composer.json": '{"autoload": {"psr-4": [1]}, "name": {}}'})


@given(st.sampled_from(sorted(IMPORT_LANGUAGES)), st.text(max_size=200))
def test_any_text_has_imports_and_they_resolve(language: str, text: str) -> None:
    targets = find_imports(language, text)
    files = {"a/x": (language, targets), "a/y": (language, ())}
    resolver = Resolver(files, read_manifests({}))
    for target in targets:
        assert set(resolver.resolve("a/x", language, target)) <= set(files)


@pytest.mark.parametrize(
    "unit",
    [" ", "\n", "\t\n", '"""', "'''\"\"\"", "import ", "from a import (", "{", "use a::{", "(",
     "import (\n", "require(", "package a.", "#include \"", "@import ", "\\\n", "a,", "/* ",
     '\\"', ".a", "[package]\n"],
)  # fmt: skip
def test_hostile_text_is_read_in_linear_time(unit: str) -> None:
    text = unit * (300_000 // len(unit)) + "x"
    if unit in ('\\"', ".a"):  # A string without an end, a dotted key.
        text = f'"{text}' if unit == '\\"' else f"a{text} = 1"
    start = time.process_time()
    for language in sorted(IMPORT_LANGUAGES):
        find_imports(language, text)
    read_manifests({"package.json": text, "tsconfig.json": text, "Cargo.toml": text})
    assert time.process_time() - start < 8


@pytest.mark.parametrize("path", ["/", "/a/x", "//a", "a//b"])
@pytest.mark.parametrize("language", sorted(IMPORT_LANGUAGES))
def test_absolute_paths_lead_nowhere_and_end(language: str, path: str) -> None:
    files = {path: (language, (path, "a.b")), "main": (language, ("/a/x", "//a", "/", "mod /a"))}
    manifests = read_manifests({"go.mod": "module m\n", "/package.json": "{}"})
    resolver = Resolver(files, manifests)
    for origin, (_, targets) in files.items():
        assert manifests.package_of(origin) in ("", "/")
        for target in targets:
            assert set(resolver.resolve(origin, language, target)) <= set(files)


def test_many_modules_of_one_name_do_not_make_time_quadratic() -> None:
    files = {f"p{i}/x/__init__.py": ("python", ("x",)) for i in range(20_000)}
    resolver = Resolver(files, read_manifests({}))
    start = time.process_time()
    for path in sorted(files)[:2_000]:
        resolver.resolve(path, "python", "x")
    assert time.process_time() - start < 4
