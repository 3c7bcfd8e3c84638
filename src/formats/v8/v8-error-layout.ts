import type { LoadedImage } from '../elf/loaded-image.ts';
import type { ReadBytes } from '../elf/memory-reader.ts';
import { readV8Constants } from './v8-constants.ts';

/** Where V8 keeps what belongs to an Error: types of objects, and offsets in bytes unless they say otherwise. */
export type V8ErrorLayout = Record<keyof typeof NAMES, number>;

/** See `readV8Constants`. */
export function readV8ErrorLayout(read: ReadBytes, image: LoadedImage): V8ErrorLayout | null {
  return readV8Constants(read, image, NAMES);
}

const NAMES = {
  mapType: ['type_Map__MAP_TYPE'],
  errorType: ['type_JSError__JS_ERROR_TYPE'],
  symbolType: ['type_Symbol__SYMBOL_TYPE'],
  fixedArrayType: ['type_FixedArray__FIXED_ARRAY_TYPE'],
  propertyArrayType: ['type_PropertyArray__PROPERTY_ARRAY_TYPE'],
  stackDataType: ['type_ErrorStackData__ERROR_STACK_DATA_TYPE'],
  callSiteType: ['type_CallSiteInfo__CALL_SITE_INFO_TYPE'],
  mapInstanceSizeWords: ['class_Map__instance_size_in_words__char'],
  mapInObjectStartWords: ['class_Map__inobject_properties_start_or_constructor_function_index__char'],
  mapBits: ['class_Map__bit_field3__int'],
  mapPrototype: ['class_Map__prototype__Object'],
  mapDescriptors: [
    'class_Map__instance_descriptors__DescriptorArray',
    'class_Map__instance_descriptors__Tagged_DescriptorArray_',
  ],
  ownDescriptorsMask: ['bit_field3_number_of_own_descriptors_mask'],
  ownDescriptorsShift: ['bit_field3_number_of_own_descriptors_shift'],
  dictionaryShift: ['bit_field3_is_dictionary_map_shift'],
  descriptorsHeader: ['class_DescriptorArray__header_size__uintptr_t'],
  /** Words of a descriptor. */
  descriptorWords: ['prop_desc_size'],
  descriptorKey: ['prop_desc_key'],
  descriptorDetails: ['prop_desc_details'],
  descriptorValue: ['prop_desc_value'],
  propertyIndexMask: ['prop_index_mask'],
  propertyIndexShift: ['prop_index_shift'],
  propertyLocationMask: ['prop_location_mask'],
  propertyLocationShift: ['prop_location_shift'],
  propertyInField: ['prop_location_Field'],
  propertyKindMask: ['prop_kind_mask'],
  propertyIsData: ['prop_kind_Data'],
  properties: [
    'class_JSReceiver__raw_properties_or_hash__Object',
    'class_JSReceiver__raw_properties_or_hash__Tagged_Object_',
  ],
  elements: ['class_JSObject__elements__Object'],
  bytecodeType: ['type_BytecodeArray__BYTECODE_ARRAY_TYPE'],
  /** Since Node 22; in older ones there is none. */
  bytecodeWrapperType: [
    'type_BytecodeWrapper__BYTECODE_WRAPPER_TYPE',
    'type_BytecodeArray__BYTECODE_ARRAY_TYPE',
  ],
  bytecodeHeader: ['class_BytecodeArray__data__uintptr_t'],
  byteArrayType: ['type_TrustedByteArray__TRUSTED_BYTE_ARRAY_TYPE', 'type_ByteArray__BYTE_ARRAY_TYPE'],
  scriptSource: ['class_Script__source__Object'],
  functionType: ['type_JSFunction__JS_FUNCTION_TYPE'],
  arrayLength: ['class_FixedArrayBase__length__SMI'],
  arrayData: ['class_FixedArray__data__uintptr_t'],
  symbolName: ['class_Symbol__name__Object'],
} as const;
