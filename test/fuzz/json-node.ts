import { type JsonTree, jsonTree } from '../../verify/deep/json-tree.js'
import { type Random, spelled } from '../schemas/random.js'

/** JSON that can be changed: with repeated keys, and with scalars as they are spelt. */
export type Node = Scalar | List | Members
export interface Scalar {
  text: string
}
export interface List {
  items: Node[]
}
export interface Members {
  members: (readonly [key: string, value: Node])[]
}

export const nodeOf = (text: string): Node => fromTree(jsonTree(text))

function fromTree({ text, members, items }: JsonTree): Node {
  if (items !== null) return { items: items.map(fromTree) }
  return members === null ? { text } : { members: [...members].map(([key, value]) => [key, fromTree(value)] as const) }
}

/** Shortest text. */
export const textOf = (node: Node): string =>
  printed(
    node,
    JSON.stringify,
    () => '',
    text => text,
  )

/** The same in another spelling: with white space, and with escapes that need not be. Numbers and the order of keys stay. */
export function respelt(node: Node, random: Random): string {
  const space = () => random.pick(['', '', '', '', ' ', '\n', '\t ', '\r\n'])
  const scalar = (text: string) => (text.startsWith('"') ? spelled(random, JSON.parse(text)) : text)
  return printed(node, key => spelled(random, key), space, scalar)
}

function printed(node: Node, key: (key: string) => string, space: () => string, scalar: (text: string) => string): string {
  if ('text' in node) return scalar(node.text)
  const inner = (value: Node) => `${space()}${printed(value, key, space, scalar)}${space()}`
  if ('items' in node) return `[${node.items.map(inner).join(',')}]`
  return `{${node.members.map(([name, value]) => `${space()}${key(name)}${space()}:${inner(value)}`).join(',')}}`
}

/** All that can be changed, each with what holds it. */
export function placesIn(node: Node): readonly Place[] {
  const places: Place[] = []
  const open: Node[] = [node]
  for (const holder of open) {
    const held = 'items' in holder ? holder.items : 'members' in holder ? holder.members.map(([, value]) => value) : []
    for (const [at, value] of held.entries()) {
      places.push({ holder: holder as List | Members, at, value })
      open.push(value)
    }
  }
  return places
}

export interface Place {
  readonly holder: List | Members
  readonly at: number
  readonly value: Node
}

export function put({ holder, at }: Place, value: Node): void {
  if ('items' in holder) holder.items[at] = value
  else holder.members[at] = [holder.members[at]![0], value]
}
