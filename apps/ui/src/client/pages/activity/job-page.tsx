import { useEffect, useState } from 'preact/hooks'
import type { Problem } from '../../../api/values.js'
import type { Job } from '../../../api/work.js'
import { problemOf, send, useAnswer, watchJob, withQuery } from '../../ask.js'
import { Text, Waiting, When, Wrong } from '../../parts/basic.js'
import { Outcome } from '../../parts/outcome.js'
import { Steps } from '../../parts/steps.js'
import { Wide } from '../../parts/wide.js'
import { bytes, lengthBetween, number, visible } from '../../words.js'
import { Report } from './report.js'

/** A job, live. */
export function JobPage({ id }: { readonly id: string }) {
  const first = useAnswer<Job>(withQuery('/api/job', { id }))
  const [live, setLive] = useState<Job>()
  const [problem, setProblem] = useState<Problem>()
  const job = live ?? first.data
  const isKnown = first.data !== undefined
  useEffect(() => {
    if (!isKnown) return undefined
    const over = new AbortController()
    const tell = (now: Job, wrong: Problem | undefined) => {
      setLive(now)
      setProblem(wrong)
    }
    watchJob(id, tell, over.signal).catch((error: unknown) => {
      if (!over.signal.aborted) setProblem(problemOf(error))
    })
    return () => over.abort()
  }, [id, isKnown])
  if (job === undefined)
    return (
      <>
        <h1>Job</h1>
        <Waiting on={first.loading} />
        <Wrong problem={first.problem} />
      </>
    )
  const stop = async () => {
    try {
      setLive(await send<Job>('/api/jobs/stop', { id }))
    } catch (error) {
      setProblem(problemOf(error))
    }
  }
  return (
    <>
      <h1>
        <Text of={job.title} />
      </h1>
      {job.kind === 'dry-run' && <Steps at={1} />}
      {job.kind === 'restore' && <Steps at={job.state === 'running' ? 2 : 3} />}
      <div class="row" aria-live="polite">
        <Outcome of={job} />
        <span class="quiet">
          Started <When at={job.startedAt} />
          {job.endedAt !== null && `, took ${lengthBetween(job.startedAt, job.endedAt)}`}
        </span>
        {job.state === 'running' && (
          <button type="button" onClick={() => void stop()}>
            Stop
          </button>
        )}
      </div>
      {job.phase !== null && <p role="status">{job.phase}…</p>}
      {job.state === 'running' && <Progress of={job} />}
      {job.state === 'running' && job.kind === 'restore' && (
        <p class="quiet">You can leave this page: the restore continues. Activity shows it.</p>
      )}
      <Wrong problem={problem} />
      {job.error !== null && <Wrong problem={job.error} />}
      {job.report !== null && <Report of={job.report} job={job} />}
    </>
  )
}

function Progress({ of }: { readonly of: Job }) {
  const isBytes = of.kind === 'verify'
  return (
    <Wide label="Progress">
      <table class="stack">
        <thead>
          <tr>
            <th>{isBytes ? 'File' : 'Resource'}</th>
            <th>Progress</th>
            <th class="number">{isBytes ? 'Bytes' : 'Records'}</th>
          </tr>
        </thead>
        <tbody>
          {of.progress.slice(-12).map(({ name, done, of: all }) => (
            <tr key={name}>
              <th scope="row">
                <Text of={name} />
              </th>
              <td>
                <progress
                  max={all ?? undefined}
                  value={all === null ? undefined : done}
                  aria-label={visible(name)}
                />
              </td>
              <td class="number">
                {isBytes ? bytes(done) : number(done)}
                {all !== null && ` of ${isBytes ? bytes(all) : number(all)}`}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Wide>
  )
}
