import { useEffect, useRef, useState } from 'preact/hooks'
import { useApp } from '../context.ts'
import { Waiting } from './notice.tsx'

/** A PDF, drawn by a page of no origin (src/portal/viewer/pdf-page.ts); what it answers is one word. */
export function PdfViewer({ blob, onFailed }: { readonly blob: Blob; onFailed(): void }) {
  const { document: said } = useApp().words
  const frame = useRef<HTMLIFrameElement>(null)
  const [isDrawing, setDrawing] = useState(true)
  useEffect(() => {
    const hear = ({ source, data }: MessageEvent) => {
      if (source === null || source !== frame.current?.contentWindow) return
      if (data === 'failed') onFailed()
      else setDrawing(false)
    }
    addEventListener('message', hear)
    return () => removeEventListener('message', hear)
  }, [])
  return (
    <>
      {isDrawing && <Waiting>{said.drawing}</Waiting>}
      <iframe
        ref={frame}
        class="viewer"
        title={said.frame}
        sandbox="allow-scripts"
        src="/pdf.html"
        referrerpolicy="no-referrer"
        onLoad={async () => {
          const bytes = await blob.arrayBuffer()
          frame.current?.contentWindow?.postMessage(bytes, '*', [bytes])
        }}
      />
    </>
  )
}
