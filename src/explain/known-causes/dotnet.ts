import { ofType } from './conditions.ts';
import type { CatalogEntry } from './known-cause.ts';

const API = 'https://learn.microsoft.com/dotnet/api';

/** Exceptions of .NET and Mono; specific entries come first. */
export const DOTNET: readonly CatalogEntry[] = [
  {
    id: 'dotnet-stack-overflow',
    title: 'Endless or too deep recursion',
    matches: (facts) => facts.kind === 'stack-overflow' || ofType(/^System\.StackOverflowException$/)(facts),
    meaning: 'The calls of a thread did not fit into its stack. This exception cannot be caught.',
    steps: [
      'Find the calls that repeat in the stack, and the condition that must end them.',
      'A property that returns itself, and an Equals that compares with ==, are common mistakes.',
    ],
    link: `${API}/system.stackoverflowexception`,
  },
  {
    id: 'dotnet-out-of-memory',
    title: 'Memory ran out',
    matches: (facts) =>
      facts.kind === 'out-of-memory' ||
      ofType(/^System\.(?:OutOfMemory|InsufficientMemory)Exception$/)(facts),
    meaning: 'The runtime could not allocate memory, or one object was larger than it allows.',
    steps: [
      'Compare the memory limit of the container with the memory use of the process.',
      'Look for what grows with dotnet-gcdump or dotnet-counters.',
    ],
    link: `${API}/system.outofmemoryexception`,
  },
  {
    id: 'dotnet-invalid-memory-access',
    title: 'Invalid memory access',
    matches: ofType(/^System\.AccessViolationException$/),
    meaning: 'Unsafe or native code used memory that it must not. This exception cannot be caught.',
    steps: [
      'Check the call to native code (P/Invoke) in the first frames: signature, lengths and lifetimes.',
      'Update the native library.',
    ],
    link: `${API}/system.accessviolationexception`,
  },
  {
    id: 'dotnet-port-in-use',
    title: 'Kestrel could not bind its port',
    matches: ofType(/^Microsoft\.AspNetCore\.Connections\.AddressInUseException$/),
    meaning: 'Another process, or an earlier worker that still runs, listens on the same port.',
    steps: ['Find it with ss -ltnp.', 'Stop it, or configure another port (ASPNETCORE_URLS).'],
    link: 'https://learn.microsoft.com/aspnet/core/fundamentals/servers/kestrel/endpoints',
  },
  {
    id: 'dotnet-database-failed',
    title: 'The database refused or lost a connection or a command',
    matches: ofType(
      /^(?:Npgsql\.(?:NpgsqlException|PostgresException)|(?:Microsoft|System)\.Data\.SqlClient\.SqlException|MySqlConnector\.MySqlException|MySql\.Data\.MySqlClient\.MySqlException|MongoDB\.Driver\.MongoConnectionException)$/,
    ),
    meaning: 'A call to the database failed, and nothing caught the exception.',
    steps: [
      'Read the message in the private log: it says whether the connection or the command failed.',
      'Check that the database is running, and that the connection string is correct.',
    ],
    link: null,
  },
  {
    id: 'dotnet-connection-failed',
    title: 'A network operation failed',
    matches: ofType(/^System\.Net\.(?:Sockets\.SocketException|Http\.HttpRequestException)$/),
    meaning:
      'A connection was refused or lost, a host was not found, or an address could not be bound, and nothing caught it.',
    steps: [
      'Check in the first frame of your code what it connects to, and whether that service is running.',
      'Catch the exception there, and retry with a limit.',
    ],
    link: `${API}/system.net.sockets.socketexception`,
  },
  {
    id: 'dotnet-type-initializer',
    title: 'A type could not be initialized',
    matches: ofType(/^System\.TypeInitializationException$/),
    meaning: 'An exception was thrown while static fields of a type were set.',
    steps: ['Check the cause, and in its frames .cctor: often a setting is missing or malformed.'],
    link: `${API}/system.typeinitializationexception`,
  },
  {
    id: 'dotnet-native-library-missing',
    title: 'A native library could not be loaded',
    matches: ofType(/^System\.(?:DllNotFoundException|EntryPointNotFoundException|BadImageFormatException)$/),
    meaning: 'A library is missing, lacks a function that the program calls, or is for another platform.',
    steps: [
      'Check that the program was published for this platform (linux-x64, linux-musl-x64, linux-arm64).',
      'Run ldd on the library to find one that it needs itself.',
    ],
    link: `${API}/system.dllnotfoundexception`,
  },
  {
    id: 'dotnet-incompatible-assembly',
    title: 'Two assemblies do not fit together',
    matches: ofType(/^System\.(?:Missing(?:Method|Field|Member)Exception|TypeLoadException)$/),
    meaning: 'A type has another form at run time than it had when the calling assembly was compiled.',
    steps: [
      'Compare the versions of both packages: dotnet list package --include-transitive shows them.',
      'Publish into an empty directory, so that no old assembly remains.',
    ],
    link: `${API}/system.missingmethodexception`,
  },
  {
    id: 'dotnet-file-not-found',
    title: 'A file or an assembly was not found',
    matches: ofType(/^System\.IO\.(?:FileNotFound|DirectoryNotFound|FileLoad)Exception$/),
    meaning: 'The code opened a file that does not exist, or the runtime could not load an assembly.',
    steps: [
      'Read the message in the private log: it names the file or the assembly.',
      'Check the working directory of the worker, and that all files were published.',
    ],
    link: `${API}/system.io.filenotfoundexception`,
  },
  {
    id: 'dotnet-culture-not-found',
    title: 'A culture was not found',
    matches: ofType(/^System\.Globalization\.CultureNotFoundException$/),
    meaning:
      'The name of a culture is wrong, or the program knows only the invariant culture, as without the ICU library.',
    steps: ['Check the name in the message.', 'Install libicu, and set InvariantGlobalization to false.'],
    link: 'https://learn.microsoft.com/dotnet/core/extensions/globalization-icu',
  },
  {
    id: 'dotnet-disposed-object',
    title: 'A disposed object was used',
    matches: ofType(/^System\.ObjectDisposedException$/),
    meaning: 'The code used an object after Dispose, often a stream, a DbContext or an HttpClient.',
    steps: [
      'Check in the first frame of your code who disposes of the object.',
      'Await tasks before the scope that owns the object ends.',
    ],
    link: `${API}/system.objectdisposedexception`,
  },
  {
    id: 'dotnet-null-reference',
    title: 'A null reference was used',
    matches: ofType(/^System\.NullReferenceException$/),
    meaning: 'A member of a reference was used that is null.',
    steps: ['Check in the first frame of your code which reference can be null, and why.'],
    link: `${API}/system.nullreferenceexception`,
  },
];
