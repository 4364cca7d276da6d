/** Advice for programs, and the same for somebody who looks at the page. */
const words: readonly (readonly [RegExp, string])[] = [
  [/^.*backupPlugin\.list\(\).*$/, 'It may have been deleted meanwhile: Backups shows what is there.'],
  [
    /^Give (?:the option encryption with )?the key that the backup was made with\.$/,
    'Start the page with that key: --key-file, --key-command or S3DB_BACKUP_KEY.',
  ],
  [
    /^metadata\.failed names each record and the reason\./,
    'The table below names the records and the reasons.',
  ],
  [/^Read `metadata` for what is missing, fix/, 'Fix'],
  [
    /^Inspect individual driver errors in error\.metadata\.destinations and fix the failing target\.$/,
    'Backups shows which destination cannot be read.',
  ],
  [
    /^Choose one that drills\.list\(\) names\.$/,
    'It may have been deleted meanwhile: Schedule shows the drills.',
  ],
  [/^Read `cause`, and report/, 'Check the terminal for the cause, and report'],
  [/cleanupBackups\(\) removes/, 'retention removes'],
  [/allow it \(allowPlain\)/g, 'restore it with the command and --allow-plain'],
]

export function inThePagesWords(suggestion: string): string {
  return words.reduce((text, [program, person]) => text.replace(program, person), suggestion)
}
