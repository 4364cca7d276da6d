import { useEffect } from 'preact/hooks'
import type { Job } from '../../../api/work.js'
import { useAnswer } from '../../ask.js'
import { Text, Waiting, When, Wrong } from '../../parts/basic.js'
import { Outcome } from '../../parts/outcome.js'
import { Wide } from '../../parts/wide.js'
import { Link } from '../../place.js'
import { lengthBetween } from '../../words.js'

/** Everything started from a page of this server, by anybody. */
export function ActivityPage() {
  const { data, problem, loading, reload } = useAnswer<{ readonly jobs: readonly Job[] }>('/api/jobs')
  const running = data?.jobs.some(({ state }) => state === 'running') === true
  // A server that does not answer for a moment has jobs all the same.
  const silent = problem?.code === 'unavailable'
  useEffect(() => {
    if (!running && !silent) return undefined
    const timer = setInterval(reload, 2000)
    return () => clearInterval(timer)
  }, [running, silent, reload])
  return (
    <>
      <h1>Activity</h1>
      <p class="quiet">
        Jobs started from this page since the server started. They continue when the page is closed.
      </p>
      <Waiting on={loading} />
      <Wrong problem={problem} />
      {data !== undefined && data.jobs.length === 0 && <p class="note">No jobs yet.</p>}
      {data !== undefined && data.jobs.length > 0 && (
        <Wide label="Jobs">
          <table class="stack">
            <thead>
              <tr>
                <th>What</th>
                <th>Started</th>
                <th>By</th>
                <th>State</th>
                <th class="number">Took</th>
              </tr>
            </thead>
            <tbody>
              {data.jobs.map((job) => (
                <tr key={job.id}>
                  <th scope="row">
                    <Link to="/job" query={{ id: job.id }}>
                      <Text of={job.title} />
                    </Link>
                  </th>
                  <td data-name="Started">
                    <When at={job.startedAt} age />
                  </td>
                  <td data-name="By">
                    <Text of={job.by} />
                  </td>
                  <td data-name="State">
                    <Outcome of={job} />
                  </td>
                  <td data-name="Took" class="number">
                    {job.endedAt === null ? '' : lengthBetween(job.startedAt, job.endedAt)}
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
