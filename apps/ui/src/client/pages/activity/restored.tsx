import type { Job, RestoreReport } from '../../../api/work.js'
import { BackupLink, Badge, Changes, Text } from '../../parts/basic.js'
import { Count } from '../../parts/count.js'
import { Wide } from '../../parts/wide.js'
import { number } from '../../words.js'
import { StartRestore } from './start-restore.js'

const sampleWords = { added: 'comes back', changed: 'changes', removed: 'only in the database' } as const

const sampleLevels = { added: 'good', changed: 'warn', removed: 'plain' } as const

export function Restored({ of, job }: { readonly of: RestoreReport; readonly job: Job }) {
  const dry = of.kind === 'dry-run'
  const sum = (key: 'restored' | 'replaced' | 'skipped' | 'removed' | 'failed') =>
    of.resources.reduce((total, one) => total + one[key], 0)
  const removes = sum('removed') > 0
  const cut = of.resources.some(({ written }) => written !== 'all')
  const whole = job.state === 'done' && sum('failed') === 0
  return (
    <>
      <div class={`note ${dry ? '' : whole ? 'good' : 'warn'}`}>
        {!dry && job.state !== 'done' && (
          <p>
            <b>{cut ? 'Only a part was restored.' : 'Not everything was restored.'}</b> To go on, make a new
            dry run of the same backup and restore again: that finishes the work.
          </p>
        )}
        <p>
          {dry ? 'From ' : cut ? 'Written so far, from ' : 'Restored from '}
          <BackupLink id={of.backup} /> into <Text of={of.target} mono />:
        </p>
        <p>
          <b>{number(sum('restored'))}</b> new, <b>{number(sum('replaced'))}</b> replaced,{' '}
          <b>{number(sum('skipped'))}</b> left as they are,{' '}
          <b class={removes ? 'bad-text' : ''}>{number(sum('removed'))}</b> removed
          {sum('failed') > 0 && `, ${number(sum('failed'))} failed`}.{dry && ' Nothing was written.'}
          {cut && ' A resource that is partly written is not in these numbers.'}
        </p>
      </div>
      <Wide label="Restored">
        <table class="stack">
          <thead>
            <tr>
              <th>Resource</th>
              <th class="number">New</th>
              <th class="number">Replaced</th>
              <th class="number">Left</th>
              <th class="number">Removed</th>
              <th class="number">Failed</th>
            </tr>
          </thead>
          <tbody>
            {of.resources.map((one) => (
              <tr key={one.name}>
                <th scope="row">
                  <Text of={one.name} />
                  <Remarks of={one} />
                </th>
                <Count name="New" of={one.restored} />
                <Count name="Replaced" of={one.replaced} />
                <Count name="Left" of={one.skipped} />
                <Count name="Removed" of={one.removed} />
                <Count name="Failed" of={one.failed} />
              </tr>
            ))}
          </tbody>
        </table>
      </Wide>
      {dry && (
        <>
          <h2>How the database differs</h2>
          {of.sampleNote !== null && (
            <p class="quiet">
              <Text of={of.sampleNote} />
            </p>
          )}
          {of.sample.length > 0 && (
            <Wide label="How the database differs">
              <table class="stack">
                <thead>
                  <tr>
                    <th>Record</th>
                    <th>Resource</th>
                    <th>Change</th>
                    <th>Fields, now and then</th>
                  </tr>
                </thead>
                <tbody>
                  {of.sample.map(({ resource, id, change, fields }) => (
                    <tr key={`${resource} ${id}`}>
                      <th scope="row">
                        <Text of={id} mono />
                      </th>
                      <td data-name="Resource">
                        <Text of={resource} />
                      </td>
                      <td data-name="Change">
                        <Badge level={sampleLevels[change]}>{sampleWords[change]}</Badge>
                      </td>
                      <td>
                        {change === 'removed' ? (
                          <span class="quiet">{of.mode === 'replace' ? 'is removed' : 'stays'}</span>
                        ) : (
                          <Changes of={fields} />
                        )}
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </Wide>
          )}
          {job.state === 'done' && <StartRestore report={of} job={job} />}
        </>
      )}
    </>
  )
}

/** What there is to know of a resource besides its numbers. */
function Remarks({ of }: { readonly of: RestoreReport['resources'][number] }) {
  const { written, upTo, expected, reason, failed, failures, notes } = of
  const more = failed - failures.length
  return (
    <>
      {written === 'none' && <div class="small bad-text">not started</div>}
      {written === 'part' && (
        <div class="small bad-text">
          partly written: up to {number(upTo ?? 0)}
          {expected !== null && ` of ${number(expected)}`} records
        </div>
      )}
      {reason !== null && (
        <div class="small bad-text">
          <Text of={reason} />
        </div>
      )}
      {failures.map((one) => (
        <div key={one.id} class="small bad-text">
          <Text of={one.id} mono />: <Text of={one.reason} />
        </div>
      ))}
      {failures.length > 0 && more > 0 && <div class="small bad-text">and {number(more)} more</div>}
      {notes.map((note) => (
        <div key={note} class="small">
          <Text of={note} />
        </div>
      ))}
    </>
  )
}
