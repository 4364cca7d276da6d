/** The suites, in the order of the page: what is done to a backup, and what must hold afterwards. */
export const suites = {
  crash:
    'A fault or a kill at a storage call, before and after the call took effect. Afterwards every listed backup restores to exactly its state, the same command finishes when run again, and a sweep removes every file that belongs to no backup.',
  abort:
    'An abort at a storage call, while calls that never answer are pending. The command settles without them, the source is closed, and nothing is left behind.',
  'faulty storage':
    'A storage that answers late, wrongly, twice or not at all. A command succeeds with the right result or fails with the right error code; no restored record is altered.',
  'hostile backup':
    'A destination that an attacker wrote. A clear error, bounded memory, nothing written outside the target.',
  fuzzing:
    'Random input for everything that reads stored bytes or listens on a port. A value or a `BackupError`, and the process keeps running.',
  unicode:
    'Text at every chunk boundary, and strings that are known to cause trouble. A restore returns the same text.',
  secrets: 'Secrets must not appear in logs, errors, events, process titles and temporary files.',
  compatibility:
    'Frozen backups of every version of the format. They restore to the same records as when they were made.',
  soak: 'Many backups in one process. Memory and handles do not grow.',
  'supply chain': 'Which packages are installed, and which code may run during the installation.',
} as const satisfies Record<string, string>

export type Suite = keyof typeof suites
