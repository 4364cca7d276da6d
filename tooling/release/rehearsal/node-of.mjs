import { dirname } from 'node:path'
import { run } from '../../pack-check/run.mjs'

/** The folder of a Node of another version, from npm: put first on the PATH, everything runs on it. */
export async function folderOfNode(version, folder) {
  if (version === process.versions.node.split('.')[0]) return dirname(process.execPath)
  const path = await run(
    'npx',
    ['-y', '-p', `node@${version}`, '--', 'node', '-p', 'process.execPath'],
    folder,
  )
  return dirname(path.trim())
}
