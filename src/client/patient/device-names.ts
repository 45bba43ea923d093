/** What the patient calls the devices: sealed in the bundle, given when a device is added, gone with its slot. */
import { type Bundle, DeviceName, type NamedDevice } from '../../protocol/bundle.ts'
import type { SlotId } from '../../protocol/ids.ts'
import { InputError } from '../errors.ts'

/** A name as it was typed; null without. Throws `InputError` `device-name`. */
export function checkedName(name: string | undefined): string | null {
  if (name === undefined) return null
  const text = name.normalize('NFC').trim()
  if (DeviceName.safeParse(text).success) return text
  throw new InputError('A device’s name has 1 to 63 characters', { code: 'device-name' })
}

/** The bundle with one name more. */
export function withName(bundle: Bundle, named: NamedDevice): Bundle {
  return { ...bundle, devices: [...(bundle.devices ?? []), named] }
}

/** The bundle with the names of the slots that stay, and no other. */
export function withNamesOf(bundle: Bundle, stay: ReadonlySet<SlotId>): Bundle {
  const { devices: before = [], ...rest } = bundle
  const devices = before.filter(({ slotId }) => stay.has(slotId))
  return devices.length === 0 ? rest : { ...rest, devices }
}
