import type { CannedAnswer } from './fault-proxy.ts'

/** A web page with status 200: a console, a login page. */
export function foreignPage(title: string): CannedAnswer {
  return {
    kind: 'answer',
    status: 200,
    headers: { 'content-type': 'text/html; charset=utf-8' },
    body: `<!doctype html><html lang="en"><head><meta charset="utf-8"/><title>${title}</title></head><body><br><div id="root"></div></body></html>`,
  }
}

/** The error page of a proxy such as nginx. */
export function proxyPage(status: number, reason: string): CannedAnswer {
  return {
    kind: 'answer',
    status,
    headers: { 'content-type': 'text/html' },
    body: `<html>\r\n<head><title>${status} ${reason}</title></head>\r\n<body>\r\n<center><h1>${status} ${reason}</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n`,
  }
}
