/** The suites, in the order of the page: what is done to a backup, and what has to hold afterwards. */
export const suites = {
  crash:
    'A fault or a kill at a step of the storage, before and after the step took effect. Afterwards every listed backup restores to exactly its state, the command run again finishes, and a sweep leaves nothing that no backup owns.',
  abort:
    'An abort at a step of the storage, while calls that never answer are pending. The command settles without them, the source is finalised, and nothing is left.',
  'faulty storage':
    'A storage that answers late, wrongly, twice or not at all. A command succeeds rightly or fails with a code that fits; no record comes back changed.',
  'hostile backup':
    'A destination that somebody else wrote. A clear error, bounded memory, nothing outside the target.',
  fuzzing:
    'Inputs made by chance for whatever reads stored bytes or listens. A value or a `BackupError`, and the process lives on.',
  unicode:
    'Text at every border of a chunk, and strings that are known to cause trouble. The same text back.',
  secrets: 'What must not show in logs, errors, events, process titles and temporary files.',
  compatibility: 'Frozen backups of every version of the format. The same records as then.',
  soak: 'Many rounds in one process. Memory and handles do not grow.',
  'supply chain': 'What is installed, and what may run while it is.',
} as const satisfies Record<string, string>

export type Suite = keyof typeof suites
