import type { V8ErrorLayout } from './v8-error-layout.ts';
import { smi, type V8Objects } from './v8-objects.ts';

/** More than any error has; a class with more static members keeps them elsewhere. */
const MAX_PROPERTIES = 128;
const MAX_DICTIONARY_WORDS = 4096;
const MAX_PROTOTYPES = 8;

/** Properties of objects of V8's heap that hold values; getters are the app's code and are not looked at. Never throws. */
export class V8Properties {
  readonly #objects: V8Objects;
  readonly #layout: V8ErrorLayout;

  constructor(objects: V8Objects, layout: V8ErrorLayout) {
    this.#objects = objects;
    this.#layout = layout;
  }

  /** An own property with this name as a tagged word. */
  own(object: bigint, name: string): bigint | null {
    for (const value of this.#own(object, (key) => this.#objects.string(key, name.length) === name))
      return value;
    return null;
  }

  /**
   * Own properties that V8 itself adds: their keys are symbols without a description. Symbols of Node, and private names
   * of classes, have one.
   */
  internal(object: bigint): Iterable<bigint> {
    const { symbolType, symbolName } = this.#layout;
    return this.#own(object, (key) => {
      if (this.#objects.typeOf(key) !== symbolType) return false;
      return this.#objects.string(this.#objects.field(key, symbolName) ?? 0n) === null;
    });
  }

  *#own(object: bigint, isWanted: (key: bigint) => boolean): Iterable<bigint> {
    const layout = this.#layout;
    const map = this.#mapOf(object);
    const bits = map === null ? null : this.#integer(map, layout.mapBits);
    if (map === null || bits === null) return;
    const properties = this.#objects.field(object, layout.properties) ?? 0n;
    if (((bits >>> layout.dictionaryShift) & 1) === 1) {
      yield* this.#inDictionary(properties, isWanted);
      return;
    }
    const count = (bits & layout.ownDescriptorsMask) >>> layout.ownDescriptorsShift;
    const descriptors = this.#objects.field(map, layout.mapDescriptors);
    if (descriptors === null) return;
    for (let index = 0; index < Math.min(count, MAX_PROPERTIES); index++) {
      const at = layout.descriptorsHeader + index * layout.descriptorWords * 8;
      const word = (which: number): bigint => this.#objects.field(descriptors, at + which * 8) ?? 0n;
      if (!isWanted(word(layout.descriptorKey))) continue;
      const details = smi(word(layout.descriptorDetails));
      if (details === null || (details & layout.propertyKindMask) !== layout.propertyIsData) continue;
      const location = (details & layout.propertyLocationMask) >>> layout.propertyLocationShift;
      const field = (details & layout.propertyIndexMask) >>> layout.propertyIndexShift;
      const value =
        location === layout.propertyInField
          ? this.#inField({ object, map, properties }, field)
          : word(layout.descriptorValue);
      if (value !== null) yield value;
    }
  }

  /** The same, also of its prototypes. */
  inherited(object: bigint, name: string): bigint | null {
    let holder: bigint | null = object;
    for (let step = 0; step < MAX_PROTOTYPES && holder !== null; step++) {
      const value = this.own(holder, name);
      if (value !== null) return value;
      const map = this.#mapOf(holder);
      holder = map === null ? null : this.#objects.field(map, this.#layout.mapPrototype);
    }
    return null;
  }

  #mapOf(object: bigint): bigint | null {
    const map = this.#objects.typeOf(object) === null ? null : this.#objects.field(object, 0);
    return map !== null && this.#objects.typeOf(map) === this.#layout.mapType ? map : null;
  }

  #inField(
    { object, map, properties }: { object: bigint; map: bigint; properties: bigint },
    index: number,
  ): bigint | null {
    const { mapInstanceSizeWords, mapInObjectStartWords, arrayData } = this.#layout;
    const size = (this.#objects.field(map, mapInstanceSizeWords) ?? 0n) & 0xffn;
    const start = (this.#objects.field(map, mapInObjectStartWords) ?? 0n) & 0xffn;
    const inObject = Number(size - start);
    if (index < inObject) return this.#objects.field(object, (Number(start) + index) * 8);
    if (this.#objects.typeOf(properties) !== this.#layout.propertyArrayType) return null;
    return this.#objects.field(properties, arrayData + (index - inObject) * 8);
  }

  /** A NameDictionary is an array in which keys are followed by their values. */
  *#inDictionary(dictionary: bigint, isWanted: (key: bigint) => boolean): Iterable<bigint> {
    const { arrayLength, arrayData } = this.#layout;
    const length = smi(this.#objects.field(dictionary, arrayLength) ?? undefined) ?? 0;
    for (let index = 0; index + 1 < Math.min(length, MAX_DICTIONARY_WORDS); index++) {
      if (!isWanted(this.#objects.field(dictionary, arrayData + index * 8) ?? 0n)) continue;
      const value = this.#objects.field(dictionary, arrayData + index * 8 + 8);
      if (value !== null) yield value;
    }
  }

  #integer(object: bigint, offset: number): number | null {
    const word = this.#objects.field(object, offset);
    return word === null ? null : Number(word & 0xffffffffn);
  }
}
