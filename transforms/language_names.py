"""The tables behind `transforms.languages`: extension, file name or interpreter to language.

    EXTENSIONS["py"]  ->  "python"      FILE_NAMES["makefile"]  ->  "makefile"

All keys are lower case; extensions have no dot. Extensions that several languages share and that
content decides (".h", ".m", ".pl", ".ts", ".inc") are in `transforms.languages`.
"""

EXTENSIONS: dict[str, str] = {
    extension: language
    for language, extensions in {
        "asciidoc": "adoc asciidoc",
        "assembly": "asm s",
        "bash": "sh bash zsh ksh bats",
        "batch": "bat cmd",
        "c": "c",
        "clojure": "clj cljs cljc edn",
        "cmake": "cmake",
        "cpp": "cc cpp cxx c++ hpp hh hxx h++ ipp inl tpp",
        "csharp": "cs csx",
        "css": "css",
        "csv": "csv tsv",
        "cuda": "cu cuh",
        "cython": "pyx pxd pxi",
        "dart": "dart",
        "diff": "diff patch",
        "dockerfile": "dockerfile",
        "elixir": "ex exs",
        "elm": "elm",
        "erlang": "erl hrl",
        "fortran": "f f77 f90 f95 f03 f08",
        "fsharp": "fs fsi fsx",
        "glsl": "glsl vert frag",
        "go": "go",
        "graphql": "graphql gql",
        "groovy": "groovy gradle",
        "haskell": "hs lhs",
        "hcl": "hcl tf tfvars",
        "html": "html htm xhtml",
        "ini": "ini cfg properties editorconfig",
        "java": "java",
        "javascript": "js mjs cjs jsx",
        "jinja": "j2 jinja jinja2",
        "json": "json jsonc json5 webmanifest geojson ipynb",
        "julia": "jl",
        "kotlin": "kt kts",
        "less": "less",
        "lisp": "lisp lsp el",
        "lua": "lua",
        "makefile": "mk mak",
        "markdown": "md markdown mdx",
        "nim": "nim nims",
        "nix": "nix",
        "objectivec": "mm",
        "ocaml": "ml mli",
        "pascal": "pas dpr",
        "perl": "pl pm",
        "php": "php phtml php5",
        "powershell": "ps1 psm1 psd1",
        "protobuf": "proto",
        "python": "py pyi pyw",
        "r": "r",
        "restructuredtext": "rst",
        "ruby": "rb rake gemspec ru",
        "rust": "rs",
        "sass": "sass scss",
        "scala": "scala sc sbt",
        "scheme": "scm ss rkt",
        "solidity": "sol",
        "sql": "sql ddl dml",
        "starlark": "bzl star",
        "svelte": "svelte",
        "swift": "swift",
        "tcl": "tcl",
        "tex": "tex sty cls bib",
        "thrift": "thrift",
        "toml": "toml",
        "tsx": "tsx",
        "typescript": "ts mts cts",
        "vb": "vb vbs",
        "verilog": "v sv svh",
        "vhdl": "vhd vhdl",
        "vim": "vim",
        "vue": "vue",
        "xml": "xml xsd xsl xslt svg csproj vcxproj plist",
        "yaml": "yaml yml",
        "zig": "zig",
    }.items()
    for extension in extensions.split()
}

FILE_NAMES: dict[str, str] = {
    name: language
    for language, names in {
        "bash": ".bashrc .bash_profile .profile .zshrc .envrc apkbuild pkgbuild gradlew configure",
        "cmake": "cmakelists.txt",
        "dockerfile": "dockerfile containerfile",
        "go-mod": "go.mod go.sum",
        "groovy": "jenkinsfile",
        "ini": ".editorconfig .gitconfig .gitmodules .flake8 .pylintrc .coveragerc .npmrc .env",
        "json": ".babelrc .eslintrc .prettierrc composer.lock pipfile.lock .jshintrc",
        "makefile": "makefile gnumakefile bsdmakefile makefile.am makefile.in",
        "ruby": "gemfile rakefile vagrantfile podfile brewfile fastfile",
        "starlark": "build workspace build.bazel workspace.bazel module.bazel tiltfile",
        "toml": "pipfile poetry.lock cargo.lock uv.lock",
        "yaml": ".clang-format .clang-tidy .yamllint",
    }.items()
    for name in names.split()
}

INTERPRETERS: dict[str, str] = {
    "bash": "bash", "sh": "bash", "dash": "bash", "zsh": "bash", "ksh": "bash", "bats": "bash",
    "python": "python", "pypy": "python", "node": "javascript", "nodejs": "javascript",
    "deno": "typescript", "ts-node": "typescript", "ruby": "ruby", "perl": "perl", "php": "php",
    "lua": "lua", "tclsh": "tcl", "rscript": "r", "groovy": "groovy", "escript": "erlang",
    "elixir": "elixir", "julia": "julia", "pwsh": "powershell", "make": "makefile",
    "runhaskell": "haskell", "swift": "swift", "awk": "awk", "gawk": "awk",
}  # fmt: skip
