r"""Where canaries stand: languages, kinds of files, prose. In: a name, a value. Out: lines of it.

    PLACES["java"].assign("dbHost", "db-7.corp")  ->  'static final String DB_HOST = "db-7.corp";'

Every place has an assignment, a sentence (a comment where it is code) and a call or its like.
`{name}` is in the place's own case, `{v}` the value, `{s}` a sentence with it.
"""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Place:
    """A language or a kind of text."""

    extension: str
    assign: str
    call: str
    sentence: str = "# {s}"
    """A comment, as in scripts and settings."""
    case: str = "snake"
    """Of names: "snake", "camel", "upper", "dotted" or "kebab"."""
    head: str = ""
    foot: str = ""
    joint: str = "\n"
    """What stands between two snippets."""
    takes_lines: bool = False
    """True where a value of several lines stands as it is, each line behind `indent`."""
    indent: str = ""
    is_prose: bool = False

    def name(self, words: str) -> str:
        """ "db host" in the case of the place."""
        parts = words.split()
        joints = {"dotted": ".", "kebab": "-"}
        if self.case == "camel":
            return parts[0] + "".join(part.capitalize() for part in parts[1:])
        joined = joints.get(self.case, "_").join(parts)
        return joined.upper() if self.case == "upper" else joined

    def render(self, form: str, words: str, value: str, sentence: str) -> str:
        """The snippet of a form: "assign", "sentence" or "call"."""
        template = {"assign": self.assign, "sentence": self.sentence, "call": self.call}[form]
        return (
            template.replace("{name}", self.name(words))
            .replace("{s}", self._lines(sentence))
            .replace("{v}", self._lines(value))
        )

    def _lines(self, text: str) -> str:
        if "\n" not in text:
            return text
        return text.replace("\n", "\n" + self.indent if self.takes_lines else "\\n")


PLACES = {
    "python": Place(
        extension="py", assign='{name} = "{v}"', call='notify("{v}", retries=3)'
    ),
    "javascript": Place(
        extension="js", assign="const {name} = '{v}';", sentence="// {s}",
        call="send({ to: '{v}', retries: 3 });", case="camel",
    ),
    "typescript": Place(
        extension="ts", assign='const {name}: string = "{v}";', sentence="/* {s} */",
        call='await client.send("{v}", 3);', case="camel",
    ),
    "java": Place(
        extension="java", assign='    private static final String {name} = "{v}";',
        sentence="    // {s}", call='    static { Mailer.send("{v}", 3); }', case="upper",
        head="package shop;\n\nclass Settings {\n", foot="\n}",
    ),
    "go": Place(
        extension="go", assign='var {name} = "{v}"', sentence="// {s}",
        call='var _ = send("{v}", 3)', case="camel", head="package shop\n\n",
    ),
    "rust": Place(
        extension="rs", assign='const {name}: &str = "{v}";', sentence="// {s}",
        call='fn run() { send("{v}", 3); }', case="upper",
    ),
    "c": Place(
        extension="c", assign='static const char *{name} = "{v}";', sentence="/* {s} */",
        call='void run(void) { send("{v}", 3); }',
    ),
    "cpp": Place(
        extension="cpp", assign='const std::string {name} = "{v}";', sentence="// {s}",
        call='void run() { client.send("{v}", 3); }',
    ),
    "csharp": Place(
        extension="cs", assign='    const string {name} = "{v}";', sentence="    // {s}",
        call='    void Run() { Mailer.Send("{v}", 3); }', case="camel",
        head="class Settings\n{\n", foot="\n}",
    ),
    "ruby": Place(
        extension="rb", assign="{name} = '{v}'", call='notify("{v}", retries: 3)'
    ),
    "php": Place(
        extension="php", assign="${name} = '{v}';", sentence="// {s}", call="notify('{v}', 3);",
        head="<?php\n",
    ),
    "bash": Place(
        extension="sh", assign="{name}='{v}'", call="notify '{v}' --retries 3", case="upper",
    ),
    "yaml": Place(
        extension="yaml", assign='{name}: "{v}"', call='- {name}: "{v}"', joint="\n---\n",
    ),
    "json": Place(
        extension="json", assign='  {"{name}": "{v}"}', sentence='  {"note": "{s}"}',
        call='  ["{name}", "{v}"]', case="camel", head="[\n", foot="\n]", joint=",\n",
    ),
    "toml": Place(
        extension="toml", assign='{name} = "{v}"', call='{name} = ["{v}", "x"]',
        joint="\n\n[[part]]\n",
    ),
    "ini": Place(
        extension="ini", assign="{name} = {v}", sentence="; {s}", call="{name}: {v}",
        head="[main]\n",
    ),
    "env": Place(
        extension="env", assign="{name}={v}", call='export {name}="{v}"', case="upper",
    ),
    "properties": Place(
        extension="properties", assign="{name}={v}", call="{name}: {v}", case="dotted",
    ),
    "xml": Place(
        extension="xml", assign="  <{name}>{v}</{name}>", sentence="  <!-- {s} -->",
        call='  <entry key="{name}" value="{v}"/>', case="kebab", head="<settings>\n",
        foot="\n</settings>", takes_lines=True,
    ),
    "sql": Place(
        extension="sql", assign="UPDATE settings SET {name} = '{v}' WHERE id = 3;",
        sentence="-- {s}", call="INSERT INTO settings ({name}) VALUES ('{v}');",
    ),
    "dockerfile": Place(
        extension="dockerfile", assign='ENV {name}="{v}"',
        call='RUN ["notify", "{v}"]', case="upper", head="FROM scratch\n",
    ),
    "markdown": Place(
        extension="md", assign="* {name}: {v}", sentence="{s}", call="> {s}",
        joint="\n\n", takes_lines=True, is_prose=True,
    ),
    "text": Place(
        extension="txt", assign="{name}: {v}", sentence="{s}", call="- {s}", joint="\n\n",
        takes_lines=True, is_prose=True,
    ),
    "patch": Place(
        extension="patch", assign='+{name} = "{v}"', sentence="+# {s}", call='-notify("{v}")',
        head="--- a/x.py\n+++ b/x.py\n@@ -1,90 +1,90 @@\n", takes_lines=True, indent="+",
    ),
    "commit": Place(
        extension="", assign="{name}: {v}", sentence="{s}", call="See {s}", joint="\n\n",
        takes_lines=True, is_prose=True,
    ),
    "pull_request": Place(
        extension="", assign="- {name}: {v}", sentence="{s}", call="> {s}", joint="\n\n",
        takes_lines=True, is_prose=True,
    ),
    "review": Place(
        extension="", assign="`{name} = \"{v}\"`", sentence="{s}", call="{s} (see above)",
        joint="\n\n", takes_lines=True, is_prose=True,
    ),
}  # fmt: skip
"""Languages, kinds of files, and what people write."""
MESSAGES = ("commit", "pull_request", "review")
LANGUAGES = tuple(PLACES)[:12]
"""Of programming."""
