/** The oldest Node that the command runs on, as its `engines` say. */
const oldest = [22, 15] as const

/** The problem with a version of Node; `undefined` if the command runs on it. */
export function nodeProblem(version: string): string | undefined {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  if (major > oldest[0] || (major === oldest[0] && minor >= oldest[1])) return undefined
  return `s3db-backup needs Node ${oldest.join('.')} or newer; this is Node ${version}. Install a newer Node and run it again.`
}
