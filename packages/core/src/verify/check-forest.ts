import { contradictionOf } from '../chain/check-chain.js'
import { type CheckedLink, checkRecords } from '../chain/check-records.js'
import { type Link, linksOf } from '../chain/read-index.js'
import type { BackupError } from '../errors.js'
import type { Part } from '../manifest.js'
import { sideBySide } from '../streams/side-by-side.js'
import type { Asked } from './open-asked.js'

/** The listeners of a check. */
export interface Watching {
  readonly onPart: (link: Link, part: Part) => void
  readonly onProblem: (link: Link, problem: BackupError) => void
}

/** Backups of one resource that are read together. */
interface Tree {
  readonly name: string
  readonly links: readonly CheckedLink[]
}

/**
 * Checks the records of all requested backups, resource by resource: backups that share ancestors in parallel, so that
 * no part is read twice, and small ones that share nothing as well. A contradictory manifest is reported first, and its
 * records are not checked. Problems are reported in one order, however long each read takes.
 */
export async function checkForest(asked: readonly Asked[], { onPart, onProblem }: Watching): Promise<void> {
  const refused = new Map<Link, Set<string>>()
  for (const used of asked.flatMap((one) => one.used)) {
    const problem = contradictionOf(used)
    if (problem === undefined) continue
    if (!refused.has(used.link)) onProblem(used.link, problem)
    refused.set(used.link, new Set([...(refused.get(used.link) ?? []), ...used.names]))
  }
  const trees = [...new Set(asked.flatMap(({ names }) => names))].flatMap((name) =>
    treesOf(asked, name, (link) => refused.get(link)?.has(name) === true).map(
      (links): Tree => ({ name, links }),
    ),
  )
  const work = async ({ name, links }: Tree) => {
    const problems: { readonly link: Link; readonly problem: BackupError }[] = []
    await checkRecords(links, name, {
      onPart,
      onProblem: (link, problem) => void problems.push({ link, problem }),
    })
    return problems
  }
  for await (const problems of sideBySide(trees, { bytesOf, inFlight: readsInFlight, work }))
    for (const { link, problem } of problems) onProblem(link, problem)
}

/** Of each resource several parts are read at once. */
export const readsInFlight = { small: 16, large: 1 } as const

function bytesOf({ name, links }: Tree): number {
  const parts = links.flatMap(({ link }) => link.manifest.parts.filter(({ resource }) => resource === name))
  return parts.reduce((sum, { bytes }) => sum + bytes, 0)
}

/** The backups whose records of a resource are read together: one that is whole, and what builds on it. */
function treesOf(asked: readonly Asked[], name: string, isRefused: (link: Link) => boolean): CheckedLink[][] {
  const trees = new Map<Link, Link[]>()
  const parents = new Map<Link, Link>()
  for (const { chain } of asked.filter(({ names }) => names.includes(name))) {
    const links = linksOf(chain, name)
    const sound = links.slice(
      0,
      links.findIndex(isRefused) === -1 ? links.length : links.findIndex(isRefused),
    )
    const [root] = sound
    if (root === undefined) continue
    const tree = trees.get(root) ?? []
    trees.set(root, tree)
    for (const [at, link] of sound.entries()) {
      const parent = sound[at - 1]
      if (parent !== undefined) parents.set(link, parent)
      if (!tree.includes(link)) tree.push(link)
    }
  }
  return [...trees.values()].map((tree) =>
    tree.map((link) => {
      const parent = parents.get(link)
      return { link, parent: parent === undefined ? undefined : tree.indexOf(parent) }
    }),
  )
}
