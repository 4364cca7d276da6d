import { useContext, useMemo, useState } from 'preact/hooks'
import type { BackupList, ListedBackup } from '../../api/backups.js'
import type { Presence } from '../../api/reach.js'
import { useAnswer } from '../ask.js'
import { Around, BackupLink, Badge, Command, StateWord, Text, Waiting, When, Wrong } from '../parts/basic.js'
import { Wide } from '../parts/wide.js'
import { go } from '../place.js'
import { ago, bytes, commandLine, counted, length, note, number } from '../words.js'

type Column = 'at' | 'type' | 'state' | 'records' | 'bytes' | 'duration'
type Query = Readonly<Record<string, string>>

const columns: readonly { readonly key: Column; readonly name: string; readonly number?: true }[] = [
  { key: 'at', name: 'Made' },
  { key: 'type', name: 'Type' },
  { key: 'state', name: 'State' },
  { key: 'records', name: 'Records', number: true },
  { key: 'bytes', name: 'Size', number: true },
  { key: 'duration', name: 'Took', number: true },
]

/** More rows at once make a page slow. */
const shown = 200

export function BackupsPage({ query }: { readonly query: Query }) {
  const { data, problem, loading } = useAnswer<BackupList>('/api/backups')
  const { about } = useContext(Around)
  const presence = useAnswer<Presence>(data === undefined ? undefined : '/api/presence')
  const places = presence.data?.places ?? []
  const [chosen, setChosen] = useState<readonly string[]>([])
  const [limit, setLimit] = useState(shown)
  const all = data?.backups ?? []
  const set = (change: Readonly<Record<string, string | undefined>>) =>
    go('/backups', { ...query, ...change }, { replace: true })
  const rows = useMemo(() => arranged(all, query), [all, query])
  const names = useMemo(() => seriesNames(all), [all])
  const [tag, value] = splitTag(query.tag)
  const choose = (id: string) =>
    setChosen((before) =>
      before.includes(id) ? before.filter((one) => one !== id) : [...before, id].slice(-2),
    )
  const [first, second] = [...chosen].sort((a, b) => timeOf(all, a).localeCompare(timeOf(all, b)))
  return (
    <>
      <h1>Backups</h1>
      <form class="row ends" onSubmit={(event) => event.preventDefault()} aria-label="Which backups">
        <label>
          Search
          <input
            type="search"
            placeholder="id, resource or note"
            value={query.q ?? ''}
            onInput={(event) => set({ q: event.currentTarget.value })}
          />
        </label>
        <label>
          Series
          <select value={query.series ?? ''} onChange={(event) => set({ series: event.currentTarget.value })}>
            <option value="">All</option>
            {[...names].map(([key, name]) => (
              <option key={key} value={key}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <label>
          State
          <select value={query.state ?? ''} onChange={(event) => set({ state: event.currentTarget.value })}>
            <option value="">All</option>
            <option value="complete">Complete</option>
            <option value="trouble">Not as it should be</option>
          </select>
        </label>
        <label>
          Note
          <select value={query.tag ?? ''} onChange={(event) => set({ tag: event.currentTarget.value })}>
            <option value="">All</option>
            {tagsOf(all).map((one) => (
              <option key={one} value={one}>
                {one}
              </option>
            ))}
          </select>
        </label>
        <label>
          <input
            type="checkbox"
            checked={query.tree === '1'}
            onChange={(event) => set({ tree: event.currentTarget.checked ? '1' : undefined })}
          />
          As chains
        </label>
      </form>
      <Wrong problem={problem} />
      <Wrong problem={presence.problem} />
      {places.map(({ name, error }) =>
        error === null ? null : (
          <p key={name} class="note warn">
            <Text of={name} /> could not be asked what it has: <Text of={error} />
          </p>
        ),
      )}
      <Waiting on={loading}>Looking at the destination…</Waiting>
      {data !== undefined && (
        <>
          <div class="row">
            <span class="quiet" role="status">
              {rows.length === all.length
                ? counted(all.length, 'backup')
                : `${number(rows.length)} of ${counted(all.length, 'backup')}`}
            </span>
            <button
              type="button"
              disabled={second === undefined}
              onClick={() => go('/compare', { from: first, to: second })}
            >
              {second === undefined ? `Compare two (${chosen.length} chosen)` : 'Compare the two'}
            </button>
          </div>
          {rows.length === 0 ? (
            <p class="note">
              {all.length === 0
                ? 'There are no backups at this destination yet.'
                : 'None matches what was chosen.'}
            </p>
          ) : (
            <Wide label="Backups">
              <table class="stack list">
                <thead>
                  <tr>
                    <th>
                      <span class="hidden">Compare</span>
                    </th>
                    <th>Backup</th>
                    {columns.map(({ key, name, number: isNumber }) => {
                      const isSorted = (query.sort ?? 'at') === key
                      const down = (query.dir ?? 'down') === 'down'
                      return (
                        <th
                          key={key}
                          class={isNumber === true ? 'number' : undefined}
                          aria-sort={isSorted ? (down ? 'descending' : 'ascending') : undefined}
                        >
                          <button
                            type="button"
                            onClick={() =>
                              set({ sort: key, dir: isSorted && down ? 'up' : 'down', tree: undefined })
                            }
                          >
                            {name}
                            {isSorted && query.tree !== '1' ? (down ? ' ↓' : ' ↑') : ''}
                          </button>
                        </th>
                      )
                    })}
                    {places.length > 0 && <th>Where</th>}
                    <th>Notes</th>
                  </tr>
                </thead>
                <tbody>
                  {rows.slice(0, limit).map(({ backup, depth }) => (
                    <Row
                      key={backup.id}
                      of={backup}
                      depth={depth}
                      chosen={chosen.includes(backup.id)}
                      choose={choose}
                      places={places}
                    />
                  ))}
                </tbody>
              </table>
            </Wide>
          )}
          {rows.length > limit && (
            <div class="row">
              <button type="button" onClick={() => setLimit(limit + shown)}>
                Show {number(Math.min(shown, rows.length - limit))} more
              </button>
              <span class="quiet">{number(rows.length - limit)} are not shown</span>
            </div>
          )}
          <Command
            line={commandLine(
              ['list'],
              {
                '--all': true,
                ...(query.tree === '1' ? { '--tree': true } : {}),
                ...(tag === undefined ? {} : { '--tag': `${tag}=${value}` }),
              },
              about.placeOptions,
            )}
          />
        </>
      )}
    </>
  )
}

interface RowProps {
  readonly of: ListedBackup
  readonly depth: number
  readonly chosen: boolean
  readonly choose: (id: string) => void
  readonly places: Presence['places']
}

function Row({ of, depth, chosen, choose, places }: RowProps) {
  const { now } = useContext(Around)
  const comparable = of.state === 'complete' || of.state === 'incomplete'
  return (
    <tr>
      <td>
        {comparable && (
          <input
            type="checkbox"
            checked={chosen}
            onChange={() => choose(of.id)}
            aria-label={`Compare ${of.id}`}
          />
        )}
      </td>
      <th scope="row">
        {depth > 0 && <span class="tree">{`${'  '.repeat(Math.min(depth, 6) - 1)}└ `}</span>}
        <BackupLink id={of.id} />
        {of.why !== null && (
          <div class="quiet small">
            <Text of={of.why} />
          </div>
        )}
      </th>
      <td data-name="Made">
        <When at={of.at} />
        {of.at !== null && <div class="quiet small">{ago(of.at, now)}</div>}
      </td>
      <td data-name="Type">{of.type === null ? '' : <Text of={of.type} />}</td>
      <td data-name="State">
        <StateWord of={of.state} /> {of.encrypted && <Badge level="plain">encrypted</Badge>}
        {of.copies > 1 && <Badge level="plain">{of.copies} copies</Badge>}
      </td>
      <td data-name="Records" class="number">
        {of.records === null ? '' : number(of.records)}
      </td>
      <td data-name="Size" class="number">
        {bytes(of.bytes)}
      </td>
      <td data-name="Took" class="number">
        {of.duration === null ? '' : length(of.duration)}
      </td>
      {places.length > 0 && (
        <td data-name="Where" class="small">
          {comparable && <Where id={of.id} places={places} />}
        </td>
      )}
      <td data-name="Notes" class="small">
        {Object.entries(of.tags).map(([name, value]) => (
          <div key={name}>
            <Text of={`${name}: ${note(value)}`} />
          </div>
        ))}
      </td>
    </tr>
  )
}

/** Which of several destinations have it. */
function Where({ id, places }: { readonly id: string; readonly places: Presence['places'] }) {
  const lacking = places.filter(({ ids, error }) => error === null && !ids.includes(id))
  const has = places.filter(({ ids }) => ids.includes(id))
  return (
    <>
      {has.map(({ name }) => (
        <div key={name}>
          <Text of={name} />
        </div>
      ))}
      {lacking.map(({ name }) => (
        <div key={name} class="bad-text">
          not at <Text of={name} />
        </div>
      ))}
    </>
  )
}

interface Arranged {
  readonly backup: ListedBackup
  readonly depth: number
}

function arranged(all: readonly ListedBackup[], query: Query): Arranged[] {
  const wanted = (query.q ?? '').toLowerCase()
  const [tag, value] = splitTag(query.tag)
  const some = all.filter(
    (one) =>
      (query.series === undefined || query.series === '' || one.series === query.series) &&
      (query.state === undefined || (query.state === 'complete') === (one.state === 'complete')) &&
      (tag === undefined || one.tags[tag] === value) &&
      (wanted === '' || textsOf(one).some((text) => text.toLowerCase().includes(wanted))),
  )
  if (query.tree === '1') return asTree(some)
  const key = columns.find((column) => column.key === query.sort)?.key ?? 'at'
  const factor = query.dir === 'up' ? 1 : -1
  const sorted = [...some].sort((a, b) => factor * compare(a[key], b[key]))
  return sorted.map((backup) => ({ backup, depth: 0 }))
}

function textsOf({ id, resources, tags }: ListedBackup): string[] {
  return [id, ...resources, ...Object.entries(tags).map(([name, value]) => `${name}=${value}`)]
}

function compare(a: string | number | null, b: string | number | null): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b
  return String(a ?? '').localeCompare(String(b ?? ''))
}

/** What builds on a backup below it. Chains can be long: without recursion. */
function asTree(some: readonly ListedBackup[]): Arranged[] {
  const newestFirst = [...some].sort((a, b) => compare(b.at, a.at))
  const ids = new Set(some.map(({ id }) => id))
  const children = new Map<string, ListedBackup[]>()
  const roots: ListedBackup[] = []
  for (const backup of newestFirst) {
    const { parent, id } = backup
    if (parent === null || parent === id || !ids.has(parent)) roots.push(backup)
    else children.set(parent, [...(children.get(parent) ?? []), backup])
  }
  const drawn: Arranged[] = []
  const open: Arranged[] = roots.map((backup) => ({ backup, depth: 0 })).reverse()
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    drawn.push(next)
    const { backup, depth } = next
    // Each comes before those that came before it, so that the older ones are popped first.
    open.push(...(children.get(backup.id) ?? []).map((child) => ({ backup: child, depth: depth + 1 })))
    children.delete(backup.id)
  }
  return drawn
}

function timeOf(all: readonly ListedBackup[], id: string): string {
  return all.find((one) => one.id === id)?.at ?? ''
}

function seriesNames(all: readonly ListedBackup[]): ReadonlyMap<string, string> {
  const names = new Map<string, string>()
  for (const { series, resources, locked } of all)
    if (series !== null && !names.has(series))
      names.set(
        series,
        locked
          ? `encrypted (${series.slice(0, 6)})`
          : `${resources.slice(0, 3).join(', ') || 'no resources'}${resources.length > 3 ? '…' : ''} (${series.slice(0, 6)})`,
      )
  return names
}

function tagsOf(all: readonly ListedBackup[]): string[] {
  const tags = new Set(
    all.flatMap((one) => Object.entries(one.tags).map(([name, value]) => `${name}=${value}`)),
  )
  return [...tags].sort().slice(0, 200)
}

function splitTag(tag: string | undefined): [string | undefined, string] {
  if (tag === undefined || tag === '') return [undefined, '']
  const at = tag.indexOf('=')
  return [tag.slice(0, at), tag.slice(at + 1)]
}
