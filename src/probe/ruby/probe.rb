# frozen_string_literal: true

# Runs inside a worker before any code of the app (RUBYOPT=-r). The rules of ../probe.cjs apply: the app must not be able
# to detect the probe, and no failure of the probe may reach it. So there are no constants and no methods, only lambdas.
# Records are described in src/model/probe-record.ts; there is no message, argument or instance variable in them.
lambda do
  starters = %w[bundle bundler foreman]
  max_frames, max_causes = 2000, 8

  read = ->(name) { File.open(name, 'rb') { |file| file.read(1_000_000) || '' } }
  command_line = ->(pid) { read.("/proc/#{pid}/cmdline").split("\0").first(64) }
  script_of = lambda do |words|
    words.drop(1).find { |word| !word.start_with?('-') } unless words.include?('-e')
  end
  is_starter = ->(words) { starters.include?(File.basename(script_of.(words).to_s)) }

  leave_environment = lambda do
    ENV.delete('CRASHMON_PROBE_DIR')
    before = ENV['RUBYOPT'].to_s
    # Bundler puts its own in front.
    after = before.sub(/(\A| )-r#{Regexp.escape(__FILE__)}( |\z)/) { $1 == ' ' && $2 == ' ' ? ' ' : '' }
    after.empty? ? ENV.delete('RUBYOPT') : ENV['RUBYOPT'] = after
  end

  quote = lambda do |text|
    clean = text.dup.force_encoding(Encoding::UTF_8).scrub('?')
    '"' + clean.gsub(/["\\\u0000-\u001f\u007f]/) { |letter| format('\\u%04x', letter.ord) } + '"'
  end
  json = lambda do |value|
    case value
    when nil, true, false, Integer, Float then value.nil? ? 'null' : value.to_s
    when String then quote.(value)
    when Array then "[#{value.map(&json).join(',')}]"
    else "{#{value.map { |key, item| "#{quote.(key.to_s)}:#{json.(item)}" }.join(',')}}"
    end
  end

  write_new = lambda do |name, text|
    File.open(name, File::WRONLY | File::CREAT | File::EXCL, 0o600) do |file|
      begin
        file.write(text)
        file.flush
      rescue SystemCallError
        File.unlink(name)
        raise
      end
    end
  end

  has_directory = lambda do |pid, directory|
    read.("/proc/#{pid}/environ").split("\0").include?("CRASHMON_PROBE_DIR=#{directory}".b)
  end
  is_alive = lambda do |pid, directory|
    begin
      has_directory.(pid, directory)
    rescue Errno::ENOENT, Errno::ESRCH
      false
    rescue SystemCallError
      true
    end
  end
  # A child of a Ruby that did not load the probe (--disable=rubyopt) has its environment, and is not the worker.
  is_main = lambda do |directory|
    begin
      parent = Process.ppid
      ruby = File.basename(File.readlink("/proc/#{parent}/exe")).start_with?('ruby')
      !ruby || !has_directory.(parent, directory) || is_starter.(command_line.(parent))
    rescue SystemCallError
      true
    end
  end
  holder_of = lambda do |name|
    digits = read.(name)[/"pid":(\d{1,10})/, 1]
    digits && digits.to_i
  end

  # The same as in ../claim.cjs.
  claim = lambda do |directory, started|
    name = "#{directory}/claim.json"
    text = json.(
      v: 1, type: 'claim', runtime: 'ruby', version: RUBY_VERSION, pid: Process.pid,
      mainScript: script_of.(command_line.('self')), cwd: Dir.pwd, evalSource: nil,
      execPath: File.readlink('/proc/self/exe'), heapFlags: [], atMs: (started * 1000).to_i
    )
    begin
      write_new.(name, text)
      next true
    rescue Errno::EEXIST
      holder = holder_of.(name)
      next false if holder.nil? || (holder != Process.pid && is_alive.(holder, directory))
      marker = "#{directory}/claim-after-#{holder}.json"
      write_new.(marker, text)
      File.rename(marker, name)
      holder_of.(name) == Process.pid
    end
  end

  # The app can override any of these methods.
  name_of = Module.instance_method(:name)
  class_of = Kernel.instance_method(:class)
  cause_of = Exception.instance_method(:cause)
  locations_of = Exception.instance_method(:backtrace_locations)
  text_of = Exception.instance_method(:backtrace)

  frame = lambda do |function, file, line|
    place = { file: file && file[0, 4096], line: line > 0 ? line : nil, column: nil }
    { function: function && function[0, 512], async: false }.merge(place)
  end
  frames_of = lambda do |error|
    locations = locations_of.bind(error).call
    if locations
      next ['call-site', locations.first(max_frames).map { |at| frame.(at.label, at.absolute_path || at.path, at.lineno) }]
    end
    # Set by the app: it can be any text.
    lines = text_of.bind(error).call || []
    parsed = lines.first(max_frames).map { |line| /\A([^\0\n]{1,4096}?):(\d{1,9})(?::in [`'](.{1,512})')?\z/.match(line) }
    next ['none', []] if parsed.empty?
    ['text', parsed.compact.map { |match| frame.(match[3], match[1], match[2].to_i) }]
  end
  thrown = lambda do |error, seen|
    seen << error.__id__
    cause = cause_of.bind(error).call
    cause = nil if cause && (seen.include?(cause.__id__) || seen.length > max_causes)
    source, frames = frames_of.(error)
    {
      isError: true, type: (name_of.bind(class_of.bind(error).call).call || '')[0, 256], code: nil, message: '', messageLength: 0,
      frameSource: source, frames: frames, stackOverflow: false, cause: cause && thrown.(cause, seen),
      errors: [], errorsTotal: 0, emitter: nil
    }
  end

  stderr_offset = lambda do
    status = File.stat('/proc/self/fd/2')
    status.file? ? status.size : nil
  end

  # Ruby keeps in $! what ends it: nothing after a rescue, SystemExit after exit.
  watch = lambda do |directory, pid, clock|
    at_exit do
      error = $!
      next if error.nil? || Process.pid != pid
      begin
        next if SystemExit === error || SignalException === error
        now = Time.now.to_f
        before = Process.clock_gettime(Process::CLOCK_MONOTONIC)
        record = {
          v: 1, type: 'candidate', pid: pid, event: 'uncaught', atMs: (now * 1000).to_i, uptimeS: (before - clock).round(3),
          thrown: thrown.(error, []), callerFrames: [], exitCode: nil, appHandles: false, tookMs: nil,
          stderrOffset: stderr_offset.()
        }
        record[:tookMs] = ((Process.clock_gettime(Process::CLOCK_MONOTONIC) - before) * 1000).round(2)
        text = json.(record)
        (0..9).each do |number|
          name = "#{directory}/record-#{number}.json"
          begin
            write_new.(name, text)
            break
          rescue Errno::EEXIST
            next
          rescue Errno::EMFILE, Errno::ENFILE
            # "Too many open files" can be the crash. Ruby never closes standard input.
            soft, hard = Process.getrlimit(:NOFILE)
            Process.setrlimit(:NOFILE, [soft + 1, hard].min, hard)
            write_new.(name, text)
            break
          end
        end
      rescue Exception
        # No record then.
      end
    end
  end

  begin
    directory = ENV['CRASHMON_PROBE_DIR'].to_s
    begin_watching = lambda do
      leave_environment.()
      started = Time.now.to_f
      clock = Process.clock_gettime(Process::CLOCK_MONOTONIC)
      watch.(directory, Process.pid, clock) if is_main.(directory) && claim.(directory, started)
    end
    if directory == ''
      # Not armed.
    elsif is_starter.(command_line.('self'))
      # `bundle exec` becomes the worker: by exec, which needs the environment, or by setting $0 and loading it.
      trace_var(:$0) do
        untrace_var(:$0)
        begin
          begin_watching.()
        rescue Exception
          ENV.delete('CRASHMON_PROBE_DIR')
        end
      end
    else
      begin_watching.()
    end
  rescue Exception
    # No probe is better than a harmed worker.
    ENV.delete('CRASHMON_PROBE_DIR')
  end
end.call
