import { useContext } from 'preact/hooks'
import type { RecordDetails, RecordHistory } from '../../api/records.js'
import { useAnswer, withQuery } from '../ask.js'
import { Around, BackupLink, Badge, Changes, Command, Text, Waiting, When, Wrong } from '../parts/basic.js'
import { Wide } from '../parts/wide.js'
import { Link } from '../place.js'
import { bytes, commandLine, idOptions, visible, visibleLines } from '../words.js'

const levels = { appeared: 'good', changed: 'warn', gone: 'bad', unreadable: 'bad' } as const

/** One record, as a backup has it, and what became of it. */
export function RecordPage({ query }: { readonly query: Readonly<Record<string, string>> }) {
  const { backup = '', resource = '', id = '' } = query
  const which = { backup, resource, id }
  const record = useAnswer<RecordDetails>(withQuery('/api/record', which))
  const history = useAnswer<RecordHistory>(withQuery('/api/history', which))
  const { about } = useContext(Around)
  const only = idOptions([id])
  return (
    <>
      <h1>
        <Text of={id} />
      </h1>
      <p class="quiet">
        A record of{' '}
        <Link to="/records" query={{ backup, resource }}>
          <Text of={resource} />
        </Link>
        , as <BackupLink id={backup} /> has it.
      </p>
      <Waiting on={record.loading} />
      <Wrong problem={record.problem} />
      {record.data?.found === false && <p class="note warn">This backup does not have the record.</p>}
      {record.data?.found === true && (
        <>
          <div class="row">
            <Link class="button main" to="/restore" query={{ backup, resource, id }}>
              Put this one back…
            </Link>
            <span class="quiet">{bytes(record.data.bytes)} of JSON</span>
          </div>
          <Wide label="Fields">
            <table class="stack">
              <thead>
                <tr>
                  <th>Field</th>
                  <th>Type</th>
                  <th>Value</th>
                </tr>
              </thead>
              <tbody>
                {record.data.fields.map(({ name, type, json }) => (
                  <tr key={name}>
                    <th scope="row">
                      <Text of={name} />
                    </th>
                    <td data-name="Type" class="quiet">
                      <Text of={type} />
                    </td>
                    <td data-name="Value" class="mono">
                      <bdi class="text">{visible(json)}</bdi>
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </Wide>
          <details>
            <summary>As JSON</summary>
            {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and must do so by keyboard. */}
            <pre tabIndex={0}>{visibleLines(record.data.json)}</pre>
            {record.data.cut && <p class="note">It is longer: the command prints all of it.</p>}
          </details>
        </>
      )}
      <Command
        line={only.before + commandLine(['cat', backup, resource], only.options, about.placeOptions)}
      />
      <h2>History</h2>
      <Waiting on={history.loading}>Looking through the backups of the series…</Waiting>
      <Wrong problem={history.problem} />
      {history.data !== undefined && history.data.versions.length === 0 && (
        <p class="note">No backup of the series has this record.</p>
      )}
      {history.data !== undefined && history.data.versions.length > 0 && (
        <>
          <Wide label="History">
            <table class="stack">
              <thead>
                <tr>
                  <th>Backup</th>
                  <th>Made</th>
                  <th>Record</th>
                  <th>What changed</th>
                </tr>
              </thead>
              <tbody>
                {[...history.data.versions].reverse().map((version) => (
                  <tr key={version.backup}>
                    <th scope="row">
                      <Link to="/record" query={{ backup: version.backup, resource, id }}>
                        <Text of={version.backup} mono />
                      </Link>
                    </th>
                    <td data-name="Made">
                      <When at={version.at} />
                    </td>
                    <td data-name="Record">
                      <Badge level={levels[version.change]}>{version.change}</Badge>
                    </td>
                    <td>
                      {version.error === null ? (
                        version.change === 'gone' ? (
                          ''
                        ) : (
                          <Changes of={version.fields} />
                        )
                      ) : (
                        <Text of={version.error.message} />
                      )}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </Wide>
          {history.data.cut && <p class="note">There are more: the first 100 are shown.</p>}
        </>
      )}
      <Command
        line={commandLine(['history', resource, id], { '--of': backup, '--diff': true }, about.placeOptions)}
      />
    </>
  )
}
