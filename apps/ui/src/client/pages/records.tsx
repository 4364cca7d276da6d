import { useContext, useEffect, useState } from 'preact/hooks'
import type { BackupList } from '../../api/backups.js'
import type { RecordPage, ResourceList } from '../../api/records.js'
import { useAnswer, withQuery } from '../ask.js'
import { Around, Command, Text, Waiting, When, Wrong } from '../parts/basic.js'
import { ChooseBackup, Locked } from '../parts/choose-backup.js'
import { Wide } from '../parts/wide.js'
import { go, Link } from '../place.js'
import { commandLine, counted, number, visible } from '../words.js'

type Query = Readonly<Record<string, string>>

export function RecordsPage({ query }: { readonly query: Query }) {
  const { backup = '', resource } = query
  const list = useAnswer<BackupList>('/api/backups')
  const resources = useAnswer<ResourceList>(
    backup === '' ? undefined : withQuery('/api/resources', { backup }),
  )
  const first = list.data?.backups.find(({ state, locked }) => state === 'complete' && !locked)?.id
  useEffect(() => {
    if (backup === '' && first !== undefined) go('/records', { backup: first }, { replace: true })
  }, [backup, first])
  const only = resources.data?.resources[0]?.name
  useEffect(() => {
    if (backup !== '' && resource === undefined && only !== undefined)
      go('/records', { backup, resource: only }, { replace: true })
  }, [backup, resource, only])
  return (
    <>
      <h1>Records</h1>
      <p class="quiet">
        Read straight from the backup, without a restore.
        {resources.data !== undefined && (
          <>
            {' '}
            As they were at <When at={resources.data.at} />.
          </>
        )}
      </p>
      <div class="row ends">
        <label for="backup">
          Backup
          <ChooseBackup
            list={list.data}
            value={backup}
            choose={(id) => go('/records', { backup: id, resource })}
          />
        </label>
        <label>
          Resource
          <select
            value={resource ?? ''}
            onChange={(event) => go('/records', { backup, resource: event.currentTarget.value })}
          >
            {resource !== undefined &&
              !(resources.data?.resources ?? []).some(({ name }) => name === resource) && (
                <option value={resource}>{visible(resource)}</option>
              )}
            {(resources.data?.resources ?? []).map(({ name, records }) => (
              <option key={name} value={name}>
                {visible(name)} ({number(records)})
              </option>
            ))}
          </select>
        </label>
      </div>
      <Wrong problem={list.problem} />
      <Locked list={list.data} />
      <Wrong problem={resources.problem} />
      {list.data !== undefined && backup === '' && first === undefined && (
        <p class="note">There is no readable backup here.</p>
      )}
      <Waiting on={resources.loading}>Opening the backup…</Waiting>
      {resources.data !== undefined && resource !== undefined && (
        <Rows key={`${backup} ${resource}`} backup={backup} resource={resource} query={query} />
      )}
    </>
  )
}

interface RowsProps {
  readonly backup: string
  readonly resource: string
  readonly query: Query
}

function Rows({ backup, resource, query }: RowsProps) {
  const { about } = useContext(Around)
  const { from, field, holds } = query
  const [draft, setDraft] = useState({ field: field ?? '', holds: holds ?? '', id: '' })
  const [before, setBefore] = useState<readonly (string | undefined)[]>([])
  const { data, problem, loading } = useAnswer<RecordPage>(
    withQuery('/api/records', { backup, resource, from, field, holds }),
  )
  const here = { backup, resource, field, holds }
  return (
    <>
      <div class="row ends">
        <form
          class="row ends"
          aria-label="Jump to a record"
          onSubmit={(event) => {
            event.preventDefault()
            setBefore([...before, from])
            go('/records', { ...here, from: draft.id })
          }}
        >
          <label>
            Jump to id
            <input
              value={draft.id}
              onInput={(event) => setDraft({ ...draft, id: event.currentTarget.value })}
            />
          </label>
          <button type="submit">Jump</button>
        </form>
        <form
          class="row ends"
          aria-label="Filter"
          onSubmit={(event) => {
            event.preventDefault()
            setBefore([])
            go('/records', { backup, resource, field: draft.field, holds: draft.holds })
          }}
        >
          <label>
            Field
            <select
              value={draft.field}
              onChange={(event) => setDraft({ ...draft, field: event.currentTarget.value })}
            >
              <option value="">Any field</option>
              <option value="id">id</option>
              {(data?.columns ?? (draft.field === '' ? [] : [draft.field])).map((name) => (
                <option key={name} value={name}>
                  {visible(name)}
                </option>
              ))}
            </select>
          </label>
          <label>
            holds
            <input
              value={draft.holds}
              onInput={(event) => setDraft({ ...draft, holds: event.currentTarget.value })}
            />
          </label>
          <button type="submit">Filter</button>
          {holds !== undefined && (
            <button
              type="button"
              onClick={() => {
                setDraft({ ...draft, field: '', holds: '' })
                go('/records', { backup, resource })
              }}
            >
              Clear
            </button>
          )}
        </form>
      </div>
      <Wrong problem={problem} />
      <Waiting on={loading} />
      {data !== undefined && (
        <>
          {data.lost > 0 && (
            <p class="note warn">
              This backup lacks {counted(data.lost, 'record')} of the resource: they could not be read.
            </p>
          )}
          {data.rows.length === 0 ? (
            <p class="note">
              {holds === undefined
                ? 'There are no more records.'
                : `None of the ${number(data.scanned)} records that were read matches.`}
            </p>
          ) : (
            <Wide label="Records">
              <table class="cells">
                <thead>
                  <tr>
                    <th>id</th>
                    {data.columns.map((name) => (
                      <th key={name}>
                        <Text of={name} />
                      </th>
                    ))}
                  </tr>
                </thead>
                <tbody>
                  {data.rows.map(({ id, cells }) => (
                    <tr key={id}>
                      <th scope="row">
                        <Link to="/record" query={{ backup, resource, id }}>
                          <Text of={id} mono />
                        </Link>
                      </th>
                      {cells.map((cell, index) => (
                        <td key={data.columns[index]}>{cell === null ? '' : <bdi>{visible(cell)}</bdi>}</td>
                      ))}
                    </tr>
                  ))}
                </tbody>
              </table>
            </Wide>
          )}
          <div class="row">
            <button
              type="button"
              disabled={before.length === 0}
              onClick={() => {
                go('/records', { ...here, from: before.at(-1) })
                setBefore(before.slice(0, -1))
              }}
            >
              Back
            </button>
            <button
              type="button"
              disabled={data.next === null}
              onClick={() => {
                setBefore([...before, from])
                go('/records', { ...here, from: data.next ?? undefined })
              }}
            >
              {holds === undefined ? 'Next' : 'Continue'}
            </button>
            <span class="quiet" role="status">
              {counted(data.rows.length, 'record')} shown
              {holds !== undefined && `, ${number(data.scanned)} read`}, {number(data.total)} in all
            </span>
          </div>
          <Command
            line={commandLine(
              ['cat', backup, resource],
              { '--from': from === '' ? undefined : from },
              about.placeOptions,
            )}
          />
        </>
      )}
    </>
  )
}
