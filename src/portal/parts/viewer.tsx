import { useEffect, useState } from 'preact/hooks'
import { useApp } from '../context.ts'
import { frameOf } from '../viewer/frame.ts'
import type { Content } from '../worker/documents.ts'
import { PdfViewer } from './pdf-viewer.tsx'

/** Largest content shown in place, bytes; larger ones are saved. */
const SHOWN_MAX = 64 * 1024 * 1024

/**
 * Shows content in a frame that can do nothing (docs/portal.md): no script, no form, no link, no network, an origin of
 * its own that is none. What is in it was written by others.
 */
export function Viewer({ content }: { readonly content: Content }) {
  const { words } = useApp()
  const { document: said } = words
  const [url, setUrl] = useState('')
  const [isShown, setShown] = useState(true)
  useEffect(() => {
    let made = ''
    let isGone = false
    const show = async () => {
      if (content.shown === 'pdf' && content.blob.size <= SHOWN_MAX) return
      const page = content.blob.size > SHOWN_MAX ? null : await frameOf(content, words)
      if (isGone) return
      if (page === null) return setShown(false)
      made = URL.createObjectURL(page)
      setUrl(made)
    }
    void show().catch(() => setShown(false))
    return () => {
      isGone = true
      if (made !== '') URL.revokeObjectURL(made)
    }
  }, [content])
  if (!isShown) return <p>{content.blob.size > SHOWN_MAX ? said.tooLarge : said.notShown}</p>
  if (content.shown === 'pdf') return <PdfViewer blob={content.blob} onFailed={() => setShown(false)} />
  if (url === '') return null
  return <iframe class="viewer" title={said.frame} sandbox="" src={url} referrerpolicy="no-referrer" />
}
