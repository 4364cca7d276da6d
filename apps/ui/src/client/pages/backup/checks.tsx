import { useContext, useState } from 'preact/hooks'
import type { Problem } from '../../../api/values.js'
import type { Job } from '../../../api/work.js'
import { problemOf, send, useAnswer } from '../../ask.js'
import { Around, Command, Wrong } from '../../parts/basic.js'
import { Outcome } from '../../parts/outcome.js'
import { go, Link } from '../../place.js'
import { commandLine } from '../../words.js'

const levels = {
  quick: 'Quick: every part is there and has its size',
  stored: 'Stored: every byte is read and hashed',
  full: 'Full: every record is read as well',
}

/** Buttons that try whether the backup can be relied on, each with its command. */
export function Checks({ id }: { readonly id: string }) {
  const { about } = useContext(Around)
  const [level, setLevel] = useState<keyof typeof levels>('full')
  const [problem, setProblem] = useState<Problem>()
  const jobs = useAnswer<{ readonly jobs: readonly Job[] }>('/api/jobs')
  const start = async (path: string, body: unknown) => {
    try {
      const job = await send<Job>(path, body)
      go('/job', { id: job.id })
    } catch (error) {
      setProblem(problemOf(error))
    }
  }
  const last = jobs.data?.jobs.find(
    (job) => job.backup === id && (job.kind === 'verify' || job.kind === 'drill'),
  )
  return (
    <section aria-labelledby="checks">
      <h2 id="checks">Can it be relied on?</h2>
      {last !== undefined && (
        <p>
          Last check from this page:{' '}
          <Link to="/job" query={{ id: last.id }}>
            {last.kind}
          </Link>
          , <Outcome of={last} />
        </p>
      )}
      <div class="row">
        <label>
          <span class="hidden">How thorough</span>
          <select
            value={level}
            onChange={(event) => setLevel(event.currentTarget.value as keyof typeof levels)}
          >
            {Object.entries(levels).map(([key, words]) => (
              <option key={key} value={key}>
                {words}
              </option>
            ))}
          </select>
        </label>
        <button type="button" onClick={() => void start('/api/verify', { id, level })}>
          Verify
        </button>
      </div>
      <Command
        line={commandLine(['verify', id], level === 'full' ? {} : { '--level': level }, about.placeOptions)}
      />
      <div class="row">
        <button
          type="button"
          disabled={!about.writes}
          title={about.writes ? undefined : 'The page was started without --allow-writes'}
          onClick={() => void start('/api/drill', { id })}
        >
          Drill
        </button>
        <span class="quiet">
          Restores it into a database of its own, compares every record, and stores a report at the
          destination.
          {!about.writes && ' Only with --allow-writes.'}
        </span>
      </div>
      <Command
        line={commandLine(
          ['verify', id],
          { '--level': 'restore', '--keep-report': true },
          about.placeOptions,
        )}
      />
      <Wrong problem={problem} />
    </section>
  )
}
