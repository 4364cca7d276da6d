import type { State } from '../../api/backups.js'
import type { ScheduleAndLog } from '../../api/schedule.js'
import { useAnswer } from '../ask.js'
import { BackupLink, Badge, Gone, StateWord, Text, Waiting, When, Wrong } from '../parts/basic.js'
import { Wide } from '../parts/wide.js'
import { Link } from '../place.js'
import { note } from '../words.js'

/** When backups are due, how they went, and what this process saw happen. */
export function SchedulePage() {
  const { data, problem, loading } = useAnswer<ScheduleAndLog>('/api/schedule')
  if (data === undefined)
    return (
      <>
        <h1>Schedule and log</h1>
        <Waiting on={loading}>Reading the destination…</Waiting>
        <Wrong problem={problem} />
      </>
    )
  return (
    <>
      <h1>Schedule and log</h1>
      <p class="quiet">
        {data.following
          ? 'This process follows the schedule.'
          : 'This process only shows the schedule; it does not run it.'}
      </p>
      <h2>Next runs</h2>
      {data.lines.length === 0 ? (
        <p class="note">
          The configuration has no <code>schedule</code>.
        </p>
      ) : (
        <Wide label="Next runs">
          <table class="stack">
            <thead>
              <tr>
                <th>Name</th>
                <th>Type</th>
                <th>Times</th>
                <th>Next</th>
                <th>Was due</th>
              </tr>
            </thead>
            <tbody>
              {data.lines.map((line) => (
                <tr key={line.name}>
                  <th scope="row">
                    <Text of={line.name} />
                  </th>
                  <td data-name="Type">
                    <Text of={line.type} />
                  </td>
                  <td data-name="Times" class="mono">
                    {line.cron}
                    {line.zone !== null && ` ${line.zone}`}
                  </td>
                  <td data-name="Next">
                    <When at={line.next} age />
                  </td>
                  <td data-name="Was due">
                    <When at={line.previous} age />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </Wide>
      )}
      <h2>Past runs</h2>
      <Gone gone={data.gone} />
      {data.runs.length === 0 ? (
        data.gone === null && <p class="note">None.</p>
      ) : (
        <Wide label="Past runs">
          <table class="stack">
            <thead>
              <tr>
                <th>Started</th>
                <th>Backup</th>
                <th>Schedule</th>
                <th>State</th>
              </tr>
            </thead>
            <tbody>
              {data.runs.slice(0, 30).map((run) => (
                <tr key={run.id}>
                  <td data-name="Started">
                    <When at={run.at} age />
                  </td>
                  <th scope="row">
                    <BackupLink id={run.id} />
                    {run.why !== null && (
                      <div class="quiet small">
                        <Text of={run.why} />
                      </div>
                    )}
                  </th>
                  <td data-name="Schedule">
                    {run.schedule === null ? '' : <Text of={note(run.schedule)} />}
                  </td>
                  <td data-name="State">
                    <StateWord of={run.state as State} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </Wide>
      )}
      <h2>Drills</h2>
      {data.drills.length === 0 ? (
        <p class="note">There is no drill report at the destination.</p>
      ) : (
        <Wide label="Drills">
          <table class="stack">
            <thead>
              <tr>
                <th>Started</th>
                <th>Result</th>
                <th>Report at the destination</th>
              </tr>
            </thead>
            <tbody>
              {data.drills.map((drill) => (
                <tr key={drill.key}>
                  <td data-name="Started">
                    <When at={drill.at} age />
                  </td>
                  <td data-name="Result">
                    {drill.ok ? (
                      <Badge level="good">passed</Badge>
                    ) : (
                      <Badge level="bad">found differences</Badge>
                    )}
                  </td>
                  <td data-name="Report">
                    <Link to="/drill" query={{ key: drill.key }} class="mono">
                      <Text of={drill.key} />
                    </Link>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </Wide>
      )}
      <h2>Notifications sent</h2>
      {data.notified.length === 0 ? (
        <p class="note">
          {data.notifies
            ? 'This process has sent none yet.'
            : 'This process sends none; the process that makes the backups does.'}
        </p>
      ) : (
        <Wide label="Notifications">
          <table class="stack">
            <thead>
              <tr>
                <th>Time</th>
                <th>To</th>
                <th>About</th>
                <th>Result</th>
              </tr>
            </thead>
            <tbody>
              {data.notified.map((line) => (
                <tr key={`${line.at} ${line.to} ${line.event}`}>
                  <td data-name="Time">
                    <When at={line.at} />
                  </td>
                  <td data-name="To">{line.to}</td>
                  <td data-name="About">{line.event}</td>
                  <td data-name="Result">
                    {!line.ok && <Badge level="bad">failed</Badge>} <Text of={line.said} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </Wide>
      )}
      <h2>Log of this process</h2>
      {data.log.length === 0 ? (
        <p class="note">No entries yet.</p>
      ) : (
        <Wide label="Log of this process">
          <table class="stack">
            <thead>
              <tr>
                <th>Time</th>
                <th>Event</th>
              </tr>
            </thead>
            <tbody>
              {data.log.map((line) => (
                <tr key={`${line.at} ${line.text}`}>
                  <td data-name="Time">
                    <When at={line.at} />
                  </td>
                  <td>
                    {line.level === 'bad' && <Badge level="bad">wrong</Badge>} <Text of={line.text} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </Wide>
      )}
    </>
  )
}
