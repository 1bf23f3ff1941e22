import type { Event } from '../../schemas/event.js'
import { topology } from '../../topology.js'
import { drive, type States } from './drive.js'
import { naiveStates } from './naive-states.js'

/** What the state topics must hold of these events: said the plain way where there is one, else by the fold over all at once. */
export function expectedStates(events: readonly Event[]): States {
  const plain: Partial<States> = naiveStates(events)
  const others = topology.aggregates.filter(({ to }) => to.some(topic => plain[topic] === undefined))
  return Object.assign({}, ...others.map(aggregate => drive(aggregate, [events]).states), plain) as States
}
