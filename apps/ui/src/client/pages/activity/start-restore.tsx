import { useContext, useState } from 'preact/hooks'
import type { Problem } from '../../../api/values.js'
import type { Job, RestoreReport } from '../../../api/work.js'
import { problemOf, send } from '../../ask.js'
import { Around, Wrong } from '../../parts/basic.js'
import { go, Link } from '../../place.js'

export function StartRestore({ report, job }: { readonly report: RestoreReport; readonly job: Job }) {
  const { about } = useContext(Around)
  const [name, setName] = useState('')
  const [problem, setProblem] = useState<Problem>()
  const [sent, setSent] = useState(false)
  if (job.startedJob !== null)
    return (
      <p class="note">
        This restore was started.{' '}
        <Link to="/job" query={{ id: job.startedJob }}>
          Show it
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
