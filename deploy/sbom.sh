#!/usr/bin/env bash
# Lists what is linked into the program, as CycloneDX 1.5 (JSON): deploy/sbom.sh >holdspace.cdx.json
# Everything that a release build uses, with version, licence, checksum and what needs what; nothing that only tests use.
# Reads Cargo.lock and what cargo knows without the network. The same lock file gives the same list, to the byte.
set -euo pipefail
cd "$(dirname "$0")/.."

target=$(rustc -vV | sed -n 's/^host: //p')
metadata=$(mktemp)
trap 'rm -f "$metadata"' EXIT
cargo metadata --format-version 1 --locked --filter-platform "$target" >"$metadata"
python3 - "$metadata" "$target" <<'LIST'
import json
import sys
import tomllib
import uuid

with open(sys.argv[1], encoding="utf-8") as file:
    metadata = json.load(file)
with open("Cargo.lock", "rb") as file:
    locked = {(one["name"], one["version"]): one.get("checksum") for one in tomllib.load(file)["package"]}

packages = {package["id"]: package for package in metadata["packages"]}
nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}
root = metadata["resolve"]["root"]


def needed(node):
    """What a build needs of a package: all but what only its tests use."""
    kinds = lambda dep: {kind["kind"] for kind in dep["dep_kinds"]}
    return sorted(dep["pkg"] for dep in node["deps"] if kinds(dep) - {"dev"})


def reference(ident):
    package = packages[ident]
    return f"pkg:cargo/{package['name']}@{package['version']}"


def component(ident):
    package = packages[ident]
    told = {
        "type": "application" if ident == root else "library",
        "bom-ref": reference(ident),
        "name": package["name"],
        "version": package["version"],
        "purl": reference(ident),
    }
    if package.get("license"):
        # Cargo once wrote a slash for "or".
        told["licenses"] = [{"expression": package["license"].replace("/", " OR ")}]
    checksum = locked.get((package["name"], package["version"]))
    if checksum:
        told["hashes"] = [{"alg": "SHA-256", "content": checksum}]
    if package.get("repository"):
        told["externalReferences"] = [{"type": "vcs", "url": package["repository"]}]
    return told


reached, left = {root}, [root]
while left:
    for ident in needed(nodes[left.pop()]):
        if ident not in reached:
            reached.add(ident)
            left.append(ident)

order = sorted(reached, key=reference)
bom = {
    "bomFormat": "CycloneDX",
    "specVersion": "1.5",
    "version": 1,
    "metadata": {
        "component": component(root),
        "properties": [{"name": "holdspace:target", "value": sys.argv[2]}],
    },
    "components": [component(ident) for ident in order if ident != root],
    "dependencies": [
        {"ref": reference(ident), "dependsOn": sorted(map(reference, needed(nodes[ident])))} for ident in order
    ],
}
text = json.dumps(bom, sort_keys=True, ensure_ascii=False)
bom["serialNumber"] = f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, text)}"
json.dump(bom, sys.stdout, indent=1, sort_keys=True, ensure_ascii=False)
print()
LIST
