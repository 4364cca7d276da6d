/* The few documents that the server writes itself. Nothing in them comes from a backup or a request. */

const head = (title: string, rest = ''): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="icon" href="/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/client.css">
${rest}</head>
`

/** The page itself, with what can be seen before its script has come. That draws everything else. */
export const pageDocument = `${head('Backups · s3db-backup', '<script type="module" src="/client.js"></script>\n')}<body><div id="page"><header class="bar"><div><span class="brand">s3db-backup</span></div></header><main><noscript><h1>Backups</h1><p>This page needs JavaScript.</p></noscript></main></div></body>
</html>
`

/** Shown after the link: another page of ours continues, so that the cookie is sent wherever the link was opened. */
export const openedDocument = `${head('Opening · s3db-backup', '<meta http-equiv="refresh" content="0; url=/">\n')}<body><main class="entrance"><h1>Opening the page</h1><p><a href="/">Go on</a></p></main></body>
</html>
`

export const lockedDocument = `${head('Link needed · s3db-backup')}<body><main class="entrance"><h1>This page opens with a link</h1>
<p>The link is on the terminal where <code>s3db-backup ui</code> was started. It works once.</p>
<p>Already used, or another browser? Stop the command and start it again: it prints a new one. That also stops the restores and drills that run.</p></main></body>
</html>
`

export const passwordDocument = (
  problem?: 'wrong' | 'often',
): string => `${head('Sign in · s3db-backup')}<body><main class="entrance"><h1>Backups</h1>
${problem === undefined ? '' : `<p role="alert" class="bad">${problem === 'wrong' ? 'That is not the password.' : 'Too many attempts. Wait a minute.'}</p>\n`}<form method="post" action="/enter"><label>Password <input type="password" name="password" autocomplete="current-password" required autofocus></label>
<button>Open the page</button></form></main></body>
</html>
`

export const icon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect x="1" y="2" width="14" height="4" rx="1" fill="#2f6fb3"/><rect x="1" y="7" width="14" height="3" rx="1" fill="#5b95cf"/><rect x="1" y="11" width="14" height="3" rx="1" fill="#9cc3ea"/></svg>
`
