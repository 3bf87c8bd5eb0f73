# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_kvd_check_global_optspecs
    string join \n q/quiet h/help V/version
end

function __fish_kvd_check_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_kvd_check_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_kvd_check_using_subcommand
    set -l cmd (__fish_kvd_check_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c kvd-check -n "__fish_kvd_check_needs_command" -s q -l quiet -d 'Say nothing but damage and errors'
complete -c kvd-check -n "__fish_kvd_check_needs_command" -s h -l help -d 'Print help'
complete -c kvd-check -n "__fish_kvd_check_needs_command" -s V -l version -d 'Print version'
complete -c kvd-check -n "__fish_kvd_check_needs_command" -f -a "rdb" -d 'Check a snapshot file (dump.rdb), and tell what it holds'
complete -c kvd-check -n "__fish_kvd_check_needs_command" -f -a "aof" -d 'Check an append-only log, repair its end, or take it back in time'
complete -c kvd-check -n "__fish_kvd_check_needs_command" -f -a "diff" -d 'Compare the data of two files or servers, key by key'
complete -c kvd-check -n "__fish_kvd_check_needs_command" -f -a "stats" -d 'Tell what takes the room in a snapshot file'
complete -c kvd-check -n "__fish_kvd_check_needs_command" -f -a "convert" -d 'Write a snapshot file anew, for a server of another version'
complete -c kvd-check -n "__fish_kvd_check_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c kvd-check -n "__fish_kvd_check_using_subcommand rdb" -s q -l quiet -d 'Say nothing but damage and errors'
complete -c kvd-check -n "__fish_kvd_check_using_subcommand rdb" -s h -l help -d 'Print help'
complete -c kvd-check -n "__fish_kvd_check_using_subcommand aof" -l until -d 'Cut off what was written after this second, keeping copies' -r
complete -c kvd-check -n "__fish_kvd_check_using_subcommand aof" -l fix -d 'Cut off a last command that isn\'t whole, keeping a copy'
complete -c kvd-check -n "__fish_kvd_check_using_subcommand aof" -s y -l yes -d 'Don\'t ask before cutting'
complete -c kvd-check -n "__fish_kvd_check_using_subcommand aof" -s q -l quiet -d 'Say nothing but damage and errors'
complete -c kvd-check -n "__fish_kvd_check_using_subcommand aof" -s h -l help -d 'Print help'
complete -c kvd-check -n "__fish_kvd_check_using_subcommand diff" -l limit -d 'Show so many differences, and count the others' -r
complete -c kvd-check -n "__fish_kvd_check_using_subcommand diff" -s q -l quiet -d 'Say nothing but damage and errors'
complete -c kvd-check -n "__fish_kvd_check_using_subcommand diff" -s h -l help -d 'Print help'
complete -c kvd-check -n "__fish_kvd_check_using_subcommand stats" -l delimiter -d 'What ends a prefix' -r
complete -c kvd-check -n "__fish_kvd_check_using_subcommand stats" -l depth -d 'Levels of a prefix' -r
complete -c kvd-check -n "__fish_kvd_check_using_subcommand stats" -l top -d 'Keys, collections and prefixes to show' -r
complete -c kvd-check -n "__fish_kvd_check_using_subcommand stats" -l json -d 'Print one JSON document instead of tables'
complete -c kvd-check -n "__fish_kvd_check_using_subcommand stats" -s q -l quiet -d 'Say nothing but damage and errors'
complete -c kvd-check -n "__fish_kvd_check_using_subcommand stats" -s h -l help -d 'Print help'
complete -c kvd-check -n "__fish_kvd_check_using_subcommand convert" -l to -d 'The version to write' -r -f -a "10\t''
11\t''
12\t''
80\t''"
complete -c kvd-check -n "__fish_kvd_check_using_subcommand convert" -l compress -d 'Whether to compress strings' -r -f -a "yes\t''
no\t''"
complete -c kvd-check -n "__fish_kvd_check_using_subcommand convert" -l force -d 'Replace TO if it is there'
complete -c kvd-check -n "__fish_kvd_check_using_subcommand convert" -s q -l quiet -d 'Say nothing but damage and errors'
complete -c kvd-check -n "__fish_kvd_check_using_subcommand convert" -s h -l help -d 'Print help'
complete -c kvd-check -n "__fish_kvd_check_using_subcommand help; and not __fish_seen_subcommand_from rdb aof diff stats convert help" -f -a "rdb" -d 'Check a snapshot file (dump.rdb), and tell what it holds'
complete -c kvd-check -n "__fish_kvd_check_using_subcommand help; and not __fish_seen_subcommand_from rdb aof diff stats convert help" -f -a "aof" -d 'Check an append-only log, repair its end, or take it back in time'
complete -c kvd-check -n "__fish_kvd_check_using_subcommand help; and not __fish_seen_subcommand_from rdb aof diff stats convert help" -f -a "diff" -d 'Compare the data of two files or servers, key by key'
complete -c kvd-check -n "__fish_kvd_check_using_subcommand help; and not __fish_seen_subcommand_from rdb aof diff stats convert help" -f -a "stats" -d 'Tell what takes the room in a snapshot file'
complete -c kvd-check -n "__fish_kvd_check_using_subcommand help; and not __fish_seen_subcommand_from rdb aof diff stats convert help" -f -a "convert" -d 'Write a snapshot file anew, for a server of another version'
complete -c kvd-check -n "__fish_kvd_check_using_subcommand help; and not __fish_seen_subcommand_from rdb aof diff stats convert help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
