/** A document as a page for the sandboxed frame: text of ours, everything of the document's escaped or as pixels. */
import type { Words } from '../words/words.ts'
import type { Content } from '../worker/documents.ts'
import { cdaPage } from './cda.ts'
import { escaped } from './escape.ts'

/** Style of the frame's pages; its hash is in the policy. Put in when the pages are built. */
declare const COFFRE_FRAME_STYLE: string

/** The page, or `null` for what cannot be shown here. */
export async function frameOf({ blob, shown }: Content, words: Words): Promise<Blob | null> {
  if (shown === 'text') return pageOf(`<pre>${escaped(await blob.text())}</pre>`)
  if (shown === 'image') return pageOf(`<img alt="" src="data:${imageType(blob)};base64,${await base64Of(blob)}">`)
  if (shown === 'cda') return pageOf(cdaPage(new Uint8Array(await blob.arrayBuffer()), words))
  return null
}

/**
 * The policy stands in the page besides the one that the frame inherits, and takes away what is left there: of images only
 * what is in the page itself, and no connection.
 */
function pageOf(body: string): Blob {
  const policy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
  const head = `<meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${policy}">`
  const look = `<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light"><title>–</title><style>${COFFRE_FRAME_STYLE}</style>`
  const page = `<!doctype html><html>${head}${look}<body>${body}</body></html>`
  return new Blob([page], { type: 'text/html; charset=utf-8' })
}

const imageType = ({ type }: Blob) => (type === 'image/png' ? 'image/png' : 'image/jpeg')

function base64Of(blob: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader()
    reader.onload = () => resolve(String(reader.result).replace(/^[^,]*,/, ''))
    reader.onerror = () => reject(reader.error)
    reader.readAsDataURL(blob)
  })
}
