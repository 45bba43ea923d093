/**
 * The page inside the PDF frame: it draws what it is given and can reach nothing. Its origin is none (the frame's `sandbox`),
 * its policy leaves no connection, and PDF.js is told to run no script of the document, to make no code from fonts, and to
 * hand no font of the document to the system.
 */
import 'pdfjs-dist/legacy/build/pdf.worker.mjs' // in this thread: a frame of no origin may start no worker
import { getDocument, type PDFPageProxy } from 'pdfjs-dist/legacy/build/pdf.mjs'

/** Pages drawn; the whole of a longer document is in the saved file. */
const PAGES_MAX = 150
/** Widest canvas, device pixels: old telephones have little memory. */
const WIDTH_MAX = 2400

addEventListener(
  'message',
  event => {
    if (event.source !== parent || !(event.data instanceof ArrayBuffer)) return
    show(event.data).then(
      () => parent.postMessage('shown', '*'),
      () => parent.postMessage('failed', '*'),
    )
  },
  { once: true },
)

async function show(data: ArrayBuffer): Promise<void> {
  const document_ = await getDocument({
    data: new Uint8Array(data),
    disableFontFace: true,
    enableXfa: false,
    useWasm: false,
    useWorkerFetch: false,
    isOffscreenCanvasSupported: false,
    isImageDecoderSupported: false,
    stopAtErrors: false,
    verbosity: 0,
  }).promise
  const count = Math.min(document_.numPages, PAGES_MAX)
  for (let number = 1; number <= count; number++) {
    const page = await document_.getPage(number)
    await draw(page, `${number} / ${document_.numPages}`)
    page.cleanup()
    if (number === 1) parent.postMessage('begun', '*')
  }
}

/** A page as pixels, with its text beside it for those who do not see. */
async function draw(page: PDFPageProxy, name: string): Promise<void> {
  const natural = page.getViewport({ scale: 1 })
  const wanted = Math.min(document.body.clientWidth * devicePixelRatio, WIDTH_MAX)
  const viewport = page.getViewport({ scale: wanted / natural.width })
  const canvas = document.createElement('canvas')
  canvas.width = Math.floor(viewport.width)
  canvas.height = Math.floor(viewport.height)
  canvas.setAttribute('role', 'img')
  canvas.setAttribute('aria-label', name)
  document.body.append(canvas)
  await page.render({ canvas, viewport, intent: 'display', annotationMode: 0 }).promise
  const { items } = await page.getTextContent()
  const text = document.createElement('p')
  text.className = 'text'
  text.textContent = items.map(item => ('str' in item ? item.str + (item.hasEOL ? '\n' : '') : '')).join('')
  canvas.after(text)
}
