# SPDX-License-Identifier: GPL-2.0-or-later
# fish completion for norprog, which answers itself: `norprog complete WORD...`.

function __norprog_complete
    set -l words (commandline -opc) (commandline -ct)
    for line in (command $words[1] complete $words[2..-1] 2>/dev/null)
        if test "$line" = :files
            __fish_complete_path (commandline -ct)
        else
            echo $line
        end
    end
end

complete -c norprog -f -a '(__norprog_complete)'
