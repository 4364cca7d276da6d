import { BackupError } from '@s3db-backup/core'
import type { Hono } from 'hono'
import { streamSSE } from 'hono/streaming'
import * as z from 'zod'
import {
  drillRequest,
  dryRunRequest,
  jobList,
  job as jobSchema,
  restoreRequest,
  stopRequest,
  verifyRequest,
} from '../../api/work.js'
import { answer, bodyOf, queryOf } from '../answer.js'
import type { Page } from '../page.js'
import { shortened } from '../shortened.js'
import type { Visit } from '../visit.js'
import { drillWork, verifyWork } from '../work/checks.js'
import { dryRunJob, restoreJob } from '../work/restores.js'

const oneJob = z.object({ id: z.string().max(100) })

/** How often a stream says that it is still there, in ms. */
const heartbeat = 15_000

/** Long work: it continues when the page is left, and can be found again. */
export function workRoutes(app: Hono<Visit>, page: Page): void {
  const { jobs, redactor } = page
  const writing = () => {
    if (!page.allowWrites) throw readOnly()
  }

  app.get('/api/jobs', (context) => answer(context, redactor, jobList, { jobs: [...jobs.list()] }))

  app.get('/api/job', (context) => answer(context, redactor, jobSchema, found(queryOf(context, oneJob).id)))

  app.get('/api/job/events', (context) => {
    const { id } = found(queryOf(context, oneJob).id)
    return streamSSE(context, async (stream) => {
      const over = new AbortController()
      stream.onAbort(() => over.abort())
      const signal = AbortSignal.any([over.signal, page.signal])
      const timer = setInterval(() => void stream.write(': still here\n\n'), heartbeat)
      try {
        for await (const now of jobs.watch(id, signal)) {
          await stream.writeSSE({
            event: 'job',
            data: JSON.stringify(redactor.document(shortened(jobSchema.parse(now)))),
          })
          // Several updates per second are enough for the eye.
          if (now.state === 'running') await stream.sleep(150)
        }
      } finally {
        clearInterval(timer)
      }
    })
  })

  app.post('/api/jobs/stop', async (context) => {
    const { id } = await bodyOf(context, stopRequest)
    const job = found(id)
    if (job.kind === 'restore' || job.kind === 'drill') writing()
    jobs.stop(id)
    return answer(context, redactor, jobSchema, found(id))
  })

  app.post('/api/verify', async (context) => {
    const { id, level } = await bodyOf(context, verifyRequest)
    const by = context.get('operator').name
    return answer(context, redactor, jobSchema, jobs.start(verifyWork(page, { id, level, by })))
  })

  app.post('/api/drill', async (context) => {
    writing()
    const { id } = await bodyOf(context, drillRequest)
    return answer(
      context,
      redactor,
      jobSchema,
      jobs.start(drillWork(page, { id, by: context.get('operator').name })),
    )
  })

  app.post('/api/dry-run', async (context) => {
    writing()
    const request = await bodyOf(context, dryRunRequest)
    if (request.target !== undefined) redactor.hideConnection(request.target)
    return answer(
      context,
      redactor,
      jobSchema,
      jobs.start(await dryRunJob(page, request, context.get('operator').name)),
    )
  })

  app.post('/api/restore', async (context) => {
    writing()
    const { dryRun, name } = await bodyOf(context, restoreRequest)
    const job = jobs.useOnce(dryRun, () =>
      jobs.start(restoreJob(page, found(dryRun), { name, by: context.get('operator').name })),
    )
    return answer(context, redactor, jobSchema, job)
  })

  function found(id: string) {
    const job = jobs.get(id)
    if (job !== undefined) return job
    throw new BackupError('not_found', 'This job is not known', {
      operation: 'status',
      suggestion: 'The server may have restarted. See Activity.',
    })
  }
}

function readOnly(): BackupError {
  return new BackupError('permission_denied', 'The page is read-only', {
    operation: 'validateConfig',
    suggestion: 'Start it with --allow-writes, or run the command that the page shows.',
  })
}
