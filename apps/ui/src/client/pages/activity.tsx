import { useContext, useEffect, useState } from 'preact/hooks'
import type { Problem } from '../../api/values.js'
import type { DrillReport, Job, RestoreReport, VerifyReport } from '../../api/work.js'
import { problemOf, send, useAnswer, watchJob, withQuery } from '../ask.js'
import { Around, BackupLink, Badge, Changes, Text, Waiting, When, Wrong } from '../parts/basic.js'
import { DrilledTable } from '../parts/drilled.js'
import { Steps } from '../parts/steps.js'
import { Wide } from '../parts/wide.js'
import { go, Link } from '../place.js'
import { bytes, counted, length, number } from '../words.js'
import { Outcome } from './backup.js'

/** What was started from a page of this server, whoever started it. */
export function ActivityPage() {
  const { data, problem, loading, reload } = useAnswer<{ readonly jobs: readonly Job[] }>('/api/jobs')
  const running = data?.jobs.some(({ state }) => state === 'running') === true
  useEffect(() => {
    if (!running) return undefined
    const timer = setInterval(reload, 2000)
    return () => clearInterval(timer)
  }, [running, reload])
  return (
    <>
      <h1>Activity</h1>
      <p class="quiet">
        What was started from this page since the server runs. It goes on when the page is closed.
      </p>
      <Waiting on={loading} />
      <Wrong problem={problem} />
      {data !== undefined && data.jobs.length === 0 && <p class="note">Nothing was started yet.</p>}
      {data !== undefined && data.jobs.length > 0 && (
        <Wide label="What was started">
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
                    {job.endedAt === null ? '' : length(Date.parse(job.endedAt) - Date.parse(job.startedAt))}
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
    watchJob(id, setLive, over.signal).catch((error: unknown) => {
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
          {job.endedAt !== null && `, took ${length(Date.parse(job.endedAt) - Date.parse(job.startedAt))}`}
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
        <p class="quiet">This page can be left: the restore goes on, and is found again under Activity.</p>
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
                <progress max={all ?? undefined} value={all === null ? undefined : done} aria-label={name} />
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

function Report({ of, job }: { readonly of: NonNullable<Job['report']>; readonly job: Job }) {
  if (of.kind === 'verify') return <Verified of={of} />
  if (of.kind === 'drill') return <Drilled of={of} />
  return <Restored of={of} job={job} />
}

function Problems({ of }: { readonly of: readonly Problem[] }) {
  return (
    <>
      {of.map((problem) => (
        <Wrong key={problem.message} problem={problem} />
      ))}
    </>
  )
}

function Verified({ of }: { readonly of: VerifyReport }) {
  return (
    <>
      <div class={`note ${of.ok ? 'good' : 'bad'}`}>
        <p>
          {of.ok ? 'Nothing is wrong with ' : 'Something is wrong with '}
          <BackupLink id={of.backup} />.
        </p>
        <p class="quiet">
          {counted(of.files, 'part')}, {bytes(of.bytes)}
          {of.records > 0 && `, ${counted(of.records, 'record')}`}
          {of.ancestors.length > 0 && `; it builds on ${counted(of.ancestors.length, 'other')}`}. Level:{' '}
          {of.level}.
        </p>
      </div>
      <Problems of={of.problems} />
    </>
  )
}

function Drilled({ of }: { readonly of: DrillReport }) {
  return (
    <>
      <div class={`note ${of.ok ? 'good' : 'bad'}`}>
        <p>
          <BackupLink id={of.backup} /> was restored ({of.scratch}) and compared:{' '}
          {of.ok ? 'every record came back as it was.' : 'not every record came back as it was.'}
        </p>
        <p class="quiet">The report is kept at the destination.</p>
      </div>
      <DrilledTable of={of.resources} />
      <Problems of={of.problems} />
    </>
  )
}

const sampleWords = { added: 'comes back', changed: 'changes', removed: 'only there' } as const
const sampleLevels = { added: 'good', changed: 'warn', removed: 'plain' } as const

function Restored({ of, job }: { readonly of: RestoreReport; readonly job: Job }) {
  const dry = of.kind === 'dry-run'
  const sum = (key: 'restored' | 'replaced' | 'skipped' | 'removed' | 'failed') =>
    of.resources.reduce((total, one) => total + one[key], 0)
  const removes = sum('removed') > 0
  return (
    <>
      <div class={`note ${dry ? '' : sum('failed') > 0 ? 'warn' : 'good'}`}>
        <p>
          {dry ? 'From ' : 'Restored from '}
          <BackupLink id={of.backup} /> into <Text of={of.target} mono />:
        </p>
        <p>
          <b>{number(sum('restored'))}</b> new, <b>{number(sum('replaced'))}</b> replaced,{' '}
          <b>{number(sum('skipped'))}</b> left as they are,{' '}
          <b class={removes ? 'bad-text' : ''}>{number(sum('removed'))}</b> removed
          {sum('failed') > 0 && `, ${number(sum('failed'))} failed`}.{dry && ' Nothing was written.'}
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
                  {one.reason !== null && (
                    <div class="small bad-text">
                      <Text of={one.reason} />
                    </div>
                  )}
                </th>
                <td data-name="New" class="number">
                  {number(one.restored)}
                </td>
                <td data-name="Replaced" class="number">
                  {number(one.replaced)}
                </td>
                <td data-name="Left" class="number">
                  {number(one.skipped)}
                </td>
                <td data-name="Removed" class="number">
                  {number(one.removed)}
                </td>
                <td data-name="Failed" class="number">
                  {number(one.failed)}
                </td>
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
                    <th>With the backup</th>
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
                      <td data-name="Backup">
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
          <StartRestore report={of} job={job} />
        </>
      )}
    </>
  )
}

function StartRestore({ report, job }: { readonly report: RestoreReport; readonly job: Job }) {
  const { about } = useContext(Around)
  const [name, setName] = useState('')
  const [problem, setProblem] = useState<Problem>()
  const [sent, setSent] = useState(false)
  if (job.startedJob !== null)
    return (
      <p class="note">
        This restore was started.{' '}
        <Link to="/job" query={{ id: job.startedJob }}>
          Look at it
        </Link>
      </p>
    )
  const start = async () => {
    setSent(true)
    try {
      const started = await send<Job>('/api/restore', { dryRun: job.id, name })
      go('/job', { id: started.id })
    } catch (error) {
      setProblem(problemOf(error))
      setSent(false)
    }
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        void start()
      }}
    >
      <h2>Restore</h2>
      <div class="row ends">
        <label>
          <span>
            To start, type the name of the database: <b class="mono">{report.name}</b>
          </span>
          <input
            autocomplete="off"
            spellcheck={false}
            value={name}
            onInput={(event) => setName(event.currentTarget.value)}
          />
        </label>
        <button type="submit" class="danger" disabled={!about.writes || sent || name !== report.name}>
          Restore
        </button>
      </div>
      <Wrong problem={problem} />
    </form>
  )
}
