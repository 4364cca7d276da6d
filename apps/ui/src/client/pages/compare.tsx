import { useContext } from 'preact/hooks'
import type { Comparison } from '../../api/backups.js'
import { useAnswer, withQuery } from '../ask.js'
import { Around, BackupLink, Badge, Command, Text, Waiting, Wrong } from '../parts/basic.js'
import { Count } from '../parts/count.js'
import { Wide } from '../parts/wide.js'
import { Link } from '../place.js'
import { commandLine } from '../words.js'

const levels = { added: 'good', changed: 'warn', removed: 'bad' } as const

export function ComparePage({ from, to }: { readonly from: string; readonly to: string }) {
  const { data, problem, loading } = useAnswer<Comparison>(withQuery('/api/compare', { from, to }))
  const { about } = useContext(Around)
  return (
    <>
      <h1>Two backups compared</h1>
      <p>
        From <BackupLink id={from} /> to <BackupLink id={to} />
      </p>
      <Command line={commandLine(['diff', from, to], {}, about.placeOptions)} />
      <Waiting on={loading}>Comparing the key indexes…</Waiting>
      <Wrong problem={problem} />
      {data !== undefined && data.unknown !== null && (
        <p class="note warn">
          <Text of={data.unknown} />
        </p>
      )}
      {data !== undefined && data.resources.length === 0 && data.unknown === null && (
        <p class="note good">No record differs between the two.</p>
      )}
      {data !== undefined && data.resources.length > 0 && (
        <>
          <Wide label="How the resources differ">
            <table class="stack">
              <thead>
                <tr>
                  <th>Resource</th>
                  <th class="number">Added</th>
                  <th class="number">Changed</th>
                  <th class="number">Removed</th>
                </tr>
              </thead>
              <tbody>
                {data.resources.map((one) => (
                  <tr key={one.name}>
                    <th scope="row">
                      <Text of={one.name} />
                    </th>
                    <Count name="Added" of={one.added} />
                    <Count name="Changed" of={one.changed} />
                    <Count name="Removed" of={one.removed} />
                  </tr>
                ))}
              </tbody>
            </table>
          </Wide>
          {data.cut && <p class="note warn">There are more: counting ended at 200,000.</p>}
          <h2>The first of them</h2>
          <Wide label="Records that differ">
            <table class="stack">
              <thead>
                <tr>
                  <th>Record</th>
                  <th>Resource</th>
                  <th>Change</th>
                </tr>
              </thead>
              <tbody>
                {data.sample.map(({ resource, id, change }) => (
                  <tr key={`${resource} ${id}`}>
                    <th scope="row">
                      <Link to="/record" query={{ backup: change === 'removed' ? from : to, resource, id }}>
                        <Text of={id} mono />
                      </Link>
                    </th>
                    <td data-name="Resource">
                      <Text of={resource} />
                    </td>
                    <td data-name="Change">
                      <Badge level={levels[change]}>{change}</Badge>
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </Wide>
        </>
      )}
    </>
  )
}
