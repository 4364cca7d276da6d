import type { Command } from 'commander'
import type { ScheduleCommand } from '../config/command-options.js'
import { length, wholeNumber, withConnection, withPlace } from '../config/options.js'
import type { Session } from '../session.js'

const examples = `
The schedule stands in the configuration file:
  { "schedule": { "daily": "0 2 * * *", "drill": "0 4 * * 0" } }
  { "schedule": [{ "name": "hourly", "cron": "0 * * * *", "type": "incremental",
                   "timezone": "Europe/Berlin" }] }

A drill restores the newest backup into a database of its own and compares every
record; its report is kept below reports/ at the destination.

/healthz answers 200, or 503 if the last backup or drill failed, a backup is
overdue or the newest is older than --max-age. /metrics is for Prometheus.
Ctrl-C or SIGTERM waits for the backup under way; a second one does not.

Examples:
  s3db-backup schedule --port 9090
  s3db-backup schedule --port 9090 --max-age 26h --json`

export function addSchedule(program: Command, session: Session): void {
  const command = program
    .command('schedule')
    .description('keep running, and make the backups and drills of the configured schedule')
  withPlace(withConnection(command, 'the database'))
    .option('--port <n>', 'serve /healthz and /metrics there; 0 for any free port', wholeNumber)
    .option('--host <address>', 'on this address only', '127.0.0.1')
    .option(
      '--grace <length>',
      'overdue is what is not complete so long after its time (default: 1h)',
      length,
    )
    .option('--max-age <length>', 'how old the newest backup may be: 90s, 45min, 26h, 7d', length)
    .addHelpText('after', examples)
    .action(async (options: ScheduleCommand) =>
      (await import('../actions/schedule.js')).schedule(session, options),
    )
}
