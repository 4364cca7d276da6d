import type { Link } from '../chain/read-index.js'
import { compareIds } from '../format/compare-ids.js'
import { checkMembers } from '../format/member-check.js'
import type { Member } from '../format/members.js'
import { readOffsets } from '../format/offsets.js'
import { entryOf, type Part, partsOf } from '../manifest.js'
import type { Span } from './span.js'

/** The least that can be read of a part: one of its members, or all of it. */
export interface Unit {
  readonly part: Part
  /** Nothing for a part that is read as a whole. */
  readonly member: Member | undefined
  /** The first line that begins in it, and where; `undefined` if there is none or it is unknown. */
  readonly first: Member['first']
}

/** A resource in one backup of a chain, and where its records lie. */
export interface Place {
  readonly link: Link
  readonly resource: string
  /** The units of the parts of one kind, in reading order. */
  units(holds: string): readonly Unit[]
  /** Whether the ids ascend, so that a reader may stop. */
  readonly ordered: boolean
}

/** The places of a resource in each of these backups. */
export function openPlaces(links: readonly Link[], resource: string): Promise<Place[]> {
  return Promise.all(links.map((link) => openPlace(link, resource)))
}

/** Reads the offsets of a resource, if the backup has any. */
export async function openPlace(link: Link, resource: string): Promise<Place> {
  const { manifest, context } = link
  const offsets = await readOffsets(context, partsOf(manifest, resource, 'offsets'))
  const units = new Map<string, readonly Unit[]>()
  return {
    link,
    resource,
    ordered: entryOf(manifest, resource)?.ordered === true,
    units(holds) {
      const known = units.get(holds)
      if (known !== undefined) return known
      const found = partsOf(manifest, resource, holds).flatMap((part) =>
        unitsOf(link, part, offsets.get(part.file) ?? []),
      )
      units.set(holds, found)
      return found
    },
  }
}

function unitsOf({ context }: Link, part: Part, members: readonly Member[]): Unit[] {
  if (members.length > 0) checkMembers(context, part, members)
  const canBeEntered =
    context.driver.capabilities?.range === true &&
    part.codecs.length <= 1 &&
    part.codecs.every((id) => context.codecs.get(id)?.memberBytes !== undefined)
  if (members.length > 1 && canBeEntered)
    return members.map((member) => ({ part, member, first: member.first }))
  return [{ part, member: undefined, first: members[0]?.first }]
}

/** The units in which the lines of a span may begin. The last of them may end in the unit that follows. */
export function unitsIn(units: readonly Unit[], { from, to }: Span): readonly Unit[] {
  const start = from === undefined ? 0 : lastAtOrBefore(units, from)
  const end = to === undefined ? units.length : firstAtOrAfter(units, to, start)
  return units.slice(start, end)
}

/** The place of the unit in which the line of an id begins, if there is one. */
export function unitOf(units: readonly Unit[], id: string): number {
  return lastAtOrBefore(units, id)
}

/** The last unit whose first id is not after the given one. Units without a known first id are skipped. */
function lastAtOrBefore(units: readonly Unit[], id: string): number {
  let [low, high] = [0, units.length - 1]
  let found = 0
  while (low <= high) {
    const middle = (low + high) >> 1
    const known = nearestKnown(units, middle, low)
    if (known === undefined) low = middle + 1
    else if (compareIds(known.id, id) <= 0) {
      found = known.at
      low = middle + 1
    } else high = known.at - 1
  }
  return found
}

/** The nearest unit at or below a place, and not below another, whose first id is known. */
function nearestKnown(units: readonly Unit[], from: number, least: number) {
  for (let at = from; at >= least; at -= 1) {
    const first = units[at]?.first
    if (first !== undefined) return { at, id: first.id }
  }
  return undefined
}

/** The place of the first unit that begins with a given id or a later one; their number if none does. */
function firstAtOrAfter(units: readonly Unit[], id: string, from: number): number {
  const last = lastAtOrBefore(units, id)
  for (let at = Math.max(last, from); at < units.length; at += 1) {
    const first = units[at]?.first
    if (first !== undefined && compareIds(first.id, id) >= 0) return at
  }
  return units.length
}
