import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'

/** The files below a folder, by their paths with `/`, in the order of those. */
export function filesBelow(root: string): Map<string, Buffer> {
  const paths = readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .sort()
  return new Map(paths.map((path) => [path, readFileSync(join(root, path))]))
}

/** One hash of all names and contents below a folder: any edit, any file more or less changes it. */
export function folderHash(root: string): string {
  const hash = createHash('sha256')
  for (const [path, bytes] of filesBelow(root))
    hash.update(`${path} ${createHash('sha256').update(bytes).digest('hex')}\n`)
  return hash.digest('hex')
}
