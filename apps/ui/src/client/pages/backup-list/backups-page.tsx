import { useContext, useMemo, useState } from 'preact/hooks'
import type { BackupList } from '../../../api/backups.js'
import type { Presence } from '../../../api/reach.js'
import { useAnswer } from '../../ask.js'
import { Around, Command, Gone, Text, Waiting, Wrong } from '../../parts/basic.js'
import { Wide } from '../../parts/wide.js'
import { go } from '../../place.js'
import { commandLine, counted, number, visible } from '../../words.js'
import type { Query } from './arrange.js'
import { arranged, columns, seriesNames, splitTag, tagsOf, timeOf } from './arrange.js'
import { Row } from './row.js'

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
                {visible(name)}
              </option>
            ))}
          </select>
        </label>
        <label>
          State
          <select value={query.state ?? ''} onChange={(event) => set({ state: event.currentTarget.value })}>
            <option value="">All</option>
            <option value="complete">Complete</option>
            <option value="trouble">With problems</option>
          </select>
        </label>
        <label>
          Note
          <select value={query.tag ?? ''} onChange={(event) => set({ tag: event.currentTarget.value })}>
            <option value="">All</option>
            {tagsOf(all).map((one) => (
              <option key={one} value={one}>
                {visible(one)}
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
            <Text of={name} /> cannot be read: <Text of={error} />
          </p>
        ),
      )}
      <Waiting on={loading}>Reading the destination…</Waiting>
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
          <Gone gone={data.gone} />
          {rows.length === 0 ? (
            data.gone === null && (
              <p class="note">
                {all.length === 0
                  ? 'There are no backups at this destination yet.'
                  : 'No backup matches the filters.'}
              </p>
            )
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
                            {visible(name)}
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
