import { useEffect, useRef, useState } from 'preact/hooks'
import { useApp } from '../context.ts'
import type { Link } from '../link.ts'
import { Notice } from './notice.tsx'

/** Between two looks at the picture, milliseconds. */
const PAUSE_MS = 250
/** The picture is looked at in this width at most, pixels: enough for the codes of the letters and of a new device. */
const WIDTH_MAX = 800

/** A browser's own reader of codes, where there is one (the Shape Detection API; not in every browser). */
interface Detector {
  detect(source: HTMLVideoElement): Promise<readonly { readonly rawValue: string }[]>
}
type DetectorClass = new (options: { readonly formats: readonly string[] }) => Detector

/**
 * Reads a square with the camera, beside a field where the same can be typed. `onText` rejects when it is another square:
 * then the person is told so and the camera looks on. No picture leaves the device, none is kept.
 */
export function Scan({ onText }: { onText(text: string): Promise<void> }) {
  const { words } = useApp()
  const [isOn, setOn] = useState(false)
  if (navigator.mediaDevices?.getUserMedia === undefined) return null
  if (!isOn) {
    return (
      <button type="button" class="scan-start" onClick={() => setOn(true)}>
        {words.scan.start}
      </button>
    )
  }
  return (
    <Camera
      onStop={() => setOn(false)}
      onText={async text => {
        await onText(text)
        setOn(false)
      }}
    />
  )
}

function Camera(props: { onText(text: string): Promise<void>; onStop(): void }) {
  const { words, link } = useApp()
  const { scan } = words
  const video = useRef<HTMLVideoElement>(null)
  const [said, setSaid] = useState<'other' | 'refused' | 'missing' | null>(null)
  useEffect(() => {
    const leaving = new AbortController()
    const { signal } = leaving
    const look = async (on: HTMLVideoElement) => {
      const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } })
      signal.addEventListener('abort', () => stopAll(stream))
      if (signal.aborted) return stopAll(stream)
      on.srcObject = stream
      await on.play()
      const read = reader(on, link)
      while (!signal.aborted) {
        const text = await read()
        if (signal.aborted) return
        if (text === null) await new Promise(resolve => setTimeout(resolve, PAUSE_MS))
        else
          await props.onText(text).then(
            () => leaving.abort(),
            () => setSaid('other'),
          )
      }
    }
    if (video.current !== null) {
      look(video.current).catch(error => {
        if (signal.aborted) return
        const isRefused = error instanceof DOMException && error.name === 'NotAllowedError'
        setSaid(isRefused ? 'refused' : 'missing')
      })
    }
    return () => leaving.abort()
  }, [])
  const isOver = said === 'refused' || said === 'missing'
  return (
    <div class="scan">
      {!isOver && <p>{scan.hold}</p>}
      <video ref={video} muted playsInline hidden={isOver} aria-label={scan.picture} />
      {said !== null && (
        <Notice kind="warning">
          <p role="alert">{scan[said]}</p>
        </Notice>
      )}
      <button type="button" onClick={props.onStop}>
        {scan.stop}
      </button>
    </div>
  )
}

function stopAll(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop()
}

/** The browser's own reader, or the worker's. */
function reader(video: HTMLVideoElement, link: Link): () => Promise<string | null> {
  const Own = (globalThis as { BarcodeDetector?: DetectorClass }).BarcodeDetector
  if (Own !== undefined) {
    const detector = new Own({ formats: ['qr_code'] })
    return async () => (await detector.detect(video).catch(() => []))[0]?.rawValue ?? null
  }
  const canvas = document.createElement('canvas')
  const context = canvas.getContext('2d', { willReadFrequently: true })
  return async () => {
    const { videoWidth, videoHeight } = video
    if (context === null || videoWidth === 0) return null
    const scale = Math.min(1, WIDTH_MAX / videoWidth)
    const [width, height] = [Math.round(videoWidth * scale), Math.round(videoHeight * scale)]
    canvas.width = width
    canvas.height = height
    context.drawImage(video, 0, 0, width, height)
    const { data } = context.getImageData(0, 0, width, height)
    return link.call('scan', { width, height, data }, { isByItself: true })
  }
}
