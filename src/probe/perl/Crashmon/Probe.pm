# Runs inside a worker before any code of the app (PERL5OPT). The rules of ../../probe.cjs apply: the app must not be able
# to detect the probe, and no failure of the probe may reach it. Records are described in src/model/probe-record.ts; there
# is no message and no argument in them.
package Crashmon::Probe;

my $MAX_FRAMES = 2000;
my ($directory, $pid, $written);

sub _read {
    my ($name) = @_;
    open(my $file, '<', $name) or return undef;
    binmode $file;
    read($file, my $data, 1_000_000);
    return $data;
}

sub _has_directory {
    my $environment = _read("/proc/$_[0]/environ");
    return defined $environment ? scalar grep { $_ eq "CRASHMON_PROBE_DIR=$directory" } split /\0/, $environment : undef;
}

sub _quote {
    my ($text) = @_;
    return 'null' unless defined $text;
    utf8::decode($text);
    $text =~ s/([^ !#-\[\]-~])/_escape(ord $1)/ge;
    return "\"$text\"";
}

sub _escape {
    my ($code) = @_;
    return sprintf '\\u%04x', $code if $code < 0x10000;
    $code -= 0x10000;
    return sprintf '\\u%04x\\u%04x', 0xd800 + ($code >> 10), 0xdc00 + ($code & 0x3ff);
}

# Flags of Linux (O_WRONLY, O_CREAT, O_EXCL): Fcntl is not loaded for them.
sub _write_new {
    my ($name, $text) = @_;
    sysopen(my $file, $name, 1 | 64 | 128, 0600) or return 0;
    my $length = syswrite $file, $text;
    close $file;
    return 1 if defined $length && $length == length $text;
    unlink $name;
    return 0;
}

sub _holder {
    my $text = _read($_[0]);
    return defined $text && $text =~ /"pid":(\d{1,10})/ ? $1 : undef;
}

# The same as in ../../claim.cjs.
sub _claim {
    my $name = "$directory/claim.json";
    my $text = sprintf '{"v":1,"type":"claim","runtime":"perl","version":%s,"pid":%d,"mainScript":%s,"cwd":%s,'
        . '"evalSource":null,"execPath":%s,"heapFlags":[],"atMs":%d}',
        _quote(sprintf '%vd', $^V), $pid, _quote($0), _quote(readlink '/proc/self/cwd'), _quote($^X), time() * 1000;
    return 1 if _write_new($name, $text);
    my $holder = _holder($name);
    return 0 if !defined $holder || ($holder != $pid && _has_directory($holder));
    my $marker = "$directory/claim-after-$holder.json";
    return 0 unless _write_new($marker, $text) && rename $marker, $name;
    return _holder($name) == $pid;
}

# A child of a Perl that did not load the probe (-T) has its environment, and is not the worker.
sub _is_main {
    my $parent = getppid;
    my $executable = readlink "/proc/$parent/exe";
    return !defined $executable || $executable !~ m{/perl[^/]*$} || !_has_directory($parent);
}

sub _leave_environment {
    my ($folder) = @_;
    delete $ENV{CRASHMON_PROBE_DIR};
    my $options = $ENV{PERL5OPT};
    return unless defined $options;
    $options =~ s/^-I\Q$folder\E -MCrashmon::Probe ?//;
    if ($options eq '') { delete $ENV{PERL5OPT} }
    else { $ENV{PERL5OPT} = $options }
}

# The caller's own line comes first, then each sub that led there. Subs in an eval are known by `(eval)` alone.
sub _frames {
    my @frames;
    my ($file, $line);
    # Below this sub and the handler.
    for (my $depth = 1; @frames < $MAX_FRAMES; $depth++) {
        my @call = caller $depth;
        push @frames, sprintf '{"function":%s,"file":%s,"line":%s,"column":null,"async":false}',
            _quote(@call ? substr($call[3], 0, 512) : undef), _quote(substr $file, 0, 4096), $line
            if defined $file;
        last unless @call;
        ($file, $line) = ($call[1], $call[2] > 0 ? $call[2] : 'null');
    }
    return join ',', @frames;
}

sub _record {
    my ($class) = @_;
    my @status = stat STDERR;
    my $offset = @status && -f _ ? $status[7] : 'null';
    return sprintf '{"v":1,"type":"candidate","pid":%d,"event":"uncaught","atMs":%d,"uptimeS":%d,"thrown":{"isError":true,'
        . '"type":%s,"code":null,"message":"","messageLength":0,"frameSource":"call-site","frames":[%s],'
        . '"stackOverflow":false,"cause":null,"errors":[],"errorsTotal":0,"emitter":null},"callerFrames":[],'
        . '"exitCode":null,"appHandles":false,"tookMs":null,"stderrOffset":%s}',
        $pid, time() * 1000, time() - $^T, _quote(substr $class, 0, 256), $_[1], $offset;
}

# Only outside of an eval, where die ends the program. While code is compiled, Perl does not say which ($^S is undefined).
sub _on_die {
    return if !defined $^S || $^S || $$ != $pid || $written++;
    # The code that die exits with. `local` does not bring it back.
    my $error = $! + 0;
    my $frames = _frames();
    my $class = ref $_[0];
    my $text = _record($class, $frames);
    for my $number (0 .. 9) { last if _write_new("$directory/record-$number.json", $text) }
    $! = $error;
    return;
}

sub _start {
    my ($folder) = @_;
    $directory = $ENV{CRASHMON_PROBE_DIR};
    return unless defined $directory && $directory ne '';
    $pid = $$;
    _leave_environment($folder);
    return _is_main() && _claim();
}

my $is_watching;
{
    # Neither errors nor variables of ours are left behind.
    my $error = $! + 0;
    local ($@, $_);
    local $SIG{__DIE__};
    my $folder = substr __FILE__, 0, -length '/Crashmon/Probe.pm';
    @INC = grep { $_ ne $folder } @INC;
    delete $INC{'Crashmon/Probe.pm'};
    eval { $is_watching = _start($folder); 1 } or delete $ENV{CRASHMON_PROBE_DIR};
    $! = $error;
}
# A handler that the app sets later takes its place.
$SIG{__DIE__} = \&_on_die if $is_watching;
1;
