import { useEffect, useRef, useState } from 'preact/hooks'
import { useApp } from '../context.ts'
import type { Link } from '../link.ts'

/** Seconds before the end at which the person is asked. */
const ASK_SECONDS = 60

/** Counts from the last act that the host heard of; asks before the end, and ends with it. */
export function Idle(props: { readonly link: Link; readonly idleSeconds: number; onOver(): void }) {
  const { words } = useApp()
  const { link, idleSeconds, onOver } = props
  const [left, setLeft] = useState(idleSeconds)
  const dialog = useRef<HTMLDialogElement>(null)
  const isAsking = left <= ASK_SECONDS

  useEffect(() => {
    const timer = setInterval(() => {
      const seconds = Math.ceil(idleSeconds - (Date.now() - link.lastAct) / 1000)
      setLeft(seconds)
      if (seconds <= 0) onOver()
    }, 1000)
    return () => clearInterval(timer)
  }, [])

  useEffect(() => {
    if (isAsking) dialog.current?.showModal()
    else dialog.current?.close()
  }, [isAsking])

  const stay = () => void link.call('touch', null).then(() => setLeft(idleSeconds), onOver)
  return (
    <dialog
      ref={dialog}
      aria-labelledby="idle-title"
      onCancel={event => {
        event.preventDefault()
        stay()
      }}
    >
      <h2 id="idle-title">{words.idle.title}</h2>
      {/* Told in steps of ten seconds, so that a screen reader is not kept talking. */}
      <p>{words.idle.text(Math.max(left, 0))}</p>
      <p class="visually-hidden" role="status">
        {isAsking ? words.idle.text(Math.ceil(Math.max(left, 0) / 10) * 10) : ''}
      </p>
      <button type="button" class="primary" onClick={stay}>
        {words.idle.stay}
      </button>
    </dialog>
  )
}
