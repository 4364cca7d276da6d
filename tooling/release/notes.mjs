/** What a changelog says of a version, without its heading; `undefined` if it does not have it. */
export function notesOf(changelog, version) {
  const section = changelog.split(/^## /m).find((each) => each.split('\n', 1)[0]?.trim() === version)
  return section?.slice(section.indexOf('\n') + 1).trim()
}
